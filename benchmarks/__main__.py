"""`python -m benchmarks`: print how nnkit compares; nothing is asserted, and the exit status says nothing about time."""

from __future__ import annotations

import argparse
import os
import sys

import numpy as np

from benchmarks.accuracy import EPOCHS, SIZES, TARGET, runners
from benchmarks.line_up import line_up, missing
from benchmarks.race import race
from benchmarks.table import columns, epochs_table, findings, is_torch, quickest
from benchmarks.task import Task, made_up_images
from nnkit.datasets import Dataset, load_dataset

#: seconds after which a race begins no further round: four of them, and the training to 98 %, stay within five minutes
SECONDS_A_RACE = 40.0


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="one size, few images, two rounds: does it run at all?")
    parser.add_argument("--rounds", type=int, default=5, metavar="N", help="epochs of each contestant (default 5)")
    parser.add_argument("--data-dir", metavar="DIR", help="where MNIST lies")
    options = parser.parse_args()

    dataset = load_dataset(options.data_dir, allow_download=False)
    if dataset.is_mnist:
        x, labels = dataset.x_train, dataset.labels_train
    else:
        x, labels = made_up_images(60_000)
        print("No MNIST here (`nnkit data --help` says how to get it): made-up images of its shape.")
    for name in missing():
        print(f"{name} is not installed, so it does not take part: pip install -e '.[bench]'")
    if options.quick:
        x, labels = x[:6400], labels[:6400]

    threads = [1, 2] if (os.cpu_count() or 1) > 1 else [1]
    best_build = "fused"
    for hidden in (128,) if options.quick else (128, 256):
        for rule in ("momentum", "adam"):
            task = Task(hidden, rule, x, labels)
            print(f"\n{task}")
            contestants = [contestant for count in threads for contestant in line_up(task, count)]
            rounds = 2 if options.quick else options.rounds
            table = race(contestants, task.steps, rounds=rounds, seconds=SECONDS_A_RACE, tell=tell)
            tell("")
            print(epochs_table(table), *findings(table), sep="\n")
            if len(table) < len(contestants):
                print("Two threads are left out: they did not get a turn in time, so the machine is busy.")
            rival = quickest(t for t in table if is_torch(t) and t.contestant.threads == 1)
            if rival and rule == "momentum":
                best_build = rival.contestant.name.removeprefix("PyTorch ")

    if options.quick:
        return
    if not dataset.is_mnist:
        print(f"\nTime to {TARGET:.0%} test accuracy: needs MNIST.")
        return
    print_time_to_target(dataset, None if "PyTorch" in missing() else best_build)


def print_time_to_target(dataset: Dataset, build_of_torch: str | None) -> None:
    print(f"\nTime to {TARGET:.0%} test accuracy: {'-'.join(map(str, SIZES))}, momentum, {EPOCHS} epochs, one thread")
    rows = [("", "seed", "seconds", "epochs", "at the end")]
    seconds: dict[str, list[float]] = {}
    for seed in range(3):
        for name, run in runners(build_of_torch).items():
            tell(f"{name}, seed {seed}")
            reached, epochs, accuracy = run(dataset, seed)
            seconds.setdefault(name, []).append(float("nan") if reached is None else reached)
            rows.append(
                (name, str(seed), "never" if reached is None else f"{reached:.2f}", str(epochs), f"{accuracy:.2%}")
            )
    tell("")
    print(columns(rows))
    ours, *others = seconds
    for other in others:
        print(f"nnkit takes {np.median(np.divide(seconds[ours], seconds[other])):.2f} times {other}.")


def tell(words: str) -> None:
    """What is going on, on a line that overwrites itself; nothing where nobody watches."""
    if sys.stderr.isatty():
        print(f"\r{words:<70}", end="" if words else "\r", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
