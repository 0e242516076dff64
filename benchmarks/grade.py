"""`python -m benchmarks.grade`: how long `nnkit grade` takes with one network at a time and with several, and how long
the same climbs take one after another as `nnkit run`, which is what a shell loop does.

Nothing is asserted. On a machine that is busy with other things only the seconds of processor time say much.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from nnkit.gallery import default_gallery

EXAMPLE = default_gallery().parent / "examples" / "numpy_network.py"


def seconds(commands: Sequence[Sequence[str]], folder: Path) -> tuple[float, float]:
    """Wall and processor time of `nnkit` with these words, one after another; processes that they start count, too."""
    wall, used = time.perf_counter(), _used()
    for words in commands:
        subprocess.run([sys.executable, "-P", "-m", "nnkit", *words], cwd=folder, stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - wall, _used() - used


def _used() -> float:
    times = os.times()
    return times.children_user + times.children_system


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.grade", description=__doc__)
    parser.add_argument("--networks", type=int, default=40, metavar="N", help="copies of the network (default 40)")
    parser.add_argument("--network", type=Path, default=EXAMPLE, metavar="FILE", help="a file that passes")
    parser.add_argument("--until", type=int, default=4, metavar="STAGE", help="the last stage (default 4)")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, metavar="N", help="networks at once")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder, until = Path(name), ("--until", str(options.until))
        (folder / "all").mkdir()
        for k in range(options.networks):
            shutil.copy(options.network, folder / "all" / f"network_{k}.py")
        runs = [
            ("run", f"all/{file.name}", "--into", f"run/{file.stem}", *until) for file in (folder / "all").iterdir()
        ]
        several = options.jobs
        took = {"nnkit run, one after another": seconds(runs, folder)}
        for jobs in dict.fromkeys((1, several)):
            words = ("grade", "all", *until, "--jobs", str(jobs), "--reports", f"grades-{jobs}")
            took[f"nnkit grade --jobs {jobs}"] = seconds([words], folder)
    print(f"{options.networks} networks, {os.cpu_count()} cores, stages 1 to {options.until}")
    fastest, _ = took[f"nnkit grade --jobs {several}"]
    for what, (wall, used) in took.items():
        print(f"{what:<30}{wall:7.1f} s, {used:7.1f} s of processor time, {wall / fastest:5.2f} times as long")


if __name__ == "__main__":
    main()
