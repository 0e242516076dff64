"""Plain tables and the sentences below them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from benchmarks.race import Times


def epochs_table(table: Sequence[Times]) -> str:
    """A row a contestant; ratios are medians over rounds, at equal numbers of threads."""
    rows = [("", "threads", "ms an epoch", "ms of CPU", "x bare products", "x nnkit")]
    for times in table:
        bare, ours = (find(table, name, times.contestant.threads) for name in ("bare products", "nnkit"))
        rows.append((
            times.contestant.name, str(times.contestant.threads), f"{1e3 * times.median:.0f}",
            f"{1e3 * times.median_cpu:.0f}", f"{times.over(bare):.2f}", f"{times.over(ours):.2f}",
        ))  # fmt: skip
    return columns(rows)


def findings(table: Sequence[Times]) -> Iterable[str]:
    """What the table comes to, in sentences."""
    for threads in sorted({times.contestant.threads for times in table}):
        ours = find(table, "nnkit", threads)
        torch = quickest(times for times in table if is_torch(times) and times.contestant.threads == threads)
        words = [f"{compared(ours, find(table, 'bare products', threads))} its bare matrix products"]
        words += [f"{compared(ours, torch)} {torch.contestant.name}"] if torch else []
        yield f"{threads} thread(s): nnkit takes {', '.join(words)}."
    ours_at_best = min((t for t in table if t.contestant.name == "nnkit"), key=lambda t: t.median)
    torch_at_best = quickest(filter(is_torch, table))
    if torch_at_best:
        yield (
            f"Each at its best: nnkit ({ours_at_best.contestant.threads} thread(s)) takes "
            f"{ours_at_best.over(torch_at_best):.2f} times {torch_at_best.contestant.name} "
            f"({torch_at_best.contestant.threads} thread(s))."
        )
    # One thread that never waits uses as much processor time as time passes.
    waiting = max(times.median / times.median_cpu for times in table if times.contestant.threads == 1)
    if waiting > 1.1:
        yield (
            f"The machine was busy with other things: one thread stood still for up to {1 - 1 / waiting:.0%} of the time."
            " Two threads then wait for one another, and their rows mean little."
        )


def compared(one: Times, other: Times) -> str:
    by_cpu = f" ({one.cpu_over(other):.2f} by processor time)" if one.contestant.threads == 1 else ""
    return f"{one.over(other):.2f} times{by_cpu}"


def find(table: Sequence[Times], name: str, threads: int) -> Times:
    return next(times for times in table if (times.contestant.name, times.contestant.threads) == (name, threads))


def is_torch(times: Times) -> bool:
    return times.contestant.name.startswith("PyTorch")


def quickest(table: Iterable[Times]) -> Times | None:
    return min(table, key=lambda times: times.median, default=None)


def columns(rows: Sequence[Sequence[str]]) -> str:
    """Lines with the first column to the left and the others to the right."""
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    return "\n".join(
        "  ".join(
            [row[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True))]
        )
        for row in rows
    )
