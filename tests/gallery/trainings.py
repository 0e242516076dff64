"""The trainings of the gallery, each diagnosed, and what is said of it beside what is wrong with it.

    python -m tests.gallery.trainings             the faulty ones, in gallery/training, against training.toml
    python -m tests.gallery.trainings --healthy   the healthy ones, in gallery/healthy, of which nothing is to be said
    python -m tests.gallery.trainings NAME ...    these alone (with --jobs N for several at once)

Tables and programs were written without a look at the code that names causes. Seconds are those of the clock on the wall.
"""

from __future__ import annotations

import argparse
import time
import tomllib
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from statistics import median
from typing import Any

from joblib import Parallel, delayed

from nnkit.diagnosis.replay.finding import UNKNOWN
from nnkit.diagnosis.verdict import diagnose
from nnkit.subjects.program import load_program

GALLERY = Path(__file__).parents[2] / "gallery"


@dataclass(frozen=True)
class Told:
    """What was said of one training: names of causes and of symptoms, in how many seconds; or what was raised."""

    name: str
    causes: tuple[str, ...] = ()
    symptoms: tuple[str, ...] = ()
    seconds: float = 0.0
    raised: str = ""


def tell(file: Path) -> Told:
    begin = time.perf_counter()
    try:
        with redirect_stdout(StringIO()), redirect_stderr(StringIO()):
            verdict = diagnose(load_program(str(file)))
    except Exception as error:
        return Told(file.stem, raised=f"{type(error).__name__}: {error}")
    causes = tuple(finding.cause for finding in verdict.findings if finding.severity == "error")
    symptoms = tuple(symptom.name for symptom in verdict.symptoms)
    return Told(file.stem, causes, symptoms, time.perf_counter() - begin)


def judge(told: Told, table: dict[str, Any]) -> str:
    """ "right", "unknown" or "wrong" by the first cause, "nothing" where there is none; "raised"."""
    if told.raised:
        return "raised"
    if not told.causes:
        return "nothing"
    if told.causes[0] == UNKNOWN:
        return "unknown"
    return "right" if told.causes[0] in (table["cause"], *table.get("also", ())) else "wrong"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.gallery.trainings", description=__doc__)
    parser.add_argument("names", nargs="*")
    parser.add_argument("--healthy", action="store_true")
    parser.add_argument("--jobs", type=int, default=1)
    given = parser.parse_args()
    folder = GALLERY / ("healthy" if given.healthy else "training")
    tables = tomllib.loads((folder / ("notes.toml" if given.healthy else "training.toml")).read_text(encoding="utf-8"))
    names = given.names or sorted(tables)
    results = Parallel(n_jobs=given.jobs, return_as="generator")(delayed(tell)(folder / f"{name}.py") for name in names)
    seen, verdicts, seconds = 0, [], []
    for told in results:
        table = tables[told.name]
        verdict = ("told of" if told.symptoms or told.causes else "silent") if given.healthy else judge(told, table)
        verdicts.append("raised" if told.raised else verdict)
        seen += bool(told.symptoms)
        seconds.append(told.seconds)
        print(f"{verdicts[-1]:<8} {told.seconds:5.1f} s  {told.name}: {told.raised or ', '.join(told.causes) or '-'}"
              f" ({', '.join(told.symptoms) or 'no symptom'})", flush=True)  # fmt: skip
    counts = ", ".join(f"{verdicts.count(kind)} {kind}" for kind in dict.fromkeys(sorted(verdicts)))
    print(f"{len(verdicts)} trainings: {counts}; {seen} with a symptom; median {median(seconds):.1f} s, "
          f"at most {max(seconds):.1f} s")  # fmt: skip


if __name__ == "__main__":
    main()
