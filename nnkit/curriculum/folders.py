"""Which folder of the reports is whose.

nnkit's own network has the reports folder itself. Every other network has a folder in it, called after its file, and is
listed on the page above, so that no network's results take the place of another's. A folder says in `ledger/network`
whose it is.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from nnkit.curriculum.gate import short_hash
from nnkit.curriculum.storage import write_atomically, writing
from nnkit.subjects.load import SHARED, NetworkSource

_OWNER = Path("ledger", "network")
#: what `nnkit train` leaves in a folder
TRAINING_PAGE, TRAINING_JSON = "training.html", "training.json"
#: what the reports folder holds besides
_NOT_A_NETWORK = "ledger"


@dataclass(frozen=True)
class Listed:
    """A network in its folder, as the page above lists it.

    name: of its file, seen from beside the reports; folder: its name; status: of the first stage that does not pass, or
    "passed"; stopped_at: the number of that stage; title: its title; passed, stages: how many of how many pass; page:
    whether there is one to look at.
    """

    name: str
    folder: str
    status: str
    stopped_at: int | None
    title: str
    passed: int
    stages: int
    page: bool


@dataclass(frozen=True)
class ListedTraining:
    """A training program whose page is in its folder. status, headline: its verdict; when: ISO 8601."""

    name: str
    folder: str
    status: str
    headline: str
    when: str


def folder_of(reports: Path, network: NetworkSource) -> Path:
    """The folder of a network's results: named after its file, with a short hash only where another has that name."""
    if network.argument == SHARED:
        return reports
    owner = _owner(reports, network)
    words = network.module or network.file.stem
    name = re.sub(r"[^\w-]+", "_", words if network.attribute == "build" else f"{words}-{network.attribute}")
    folder = reports / name
    taken = name == _NOT_A_NETWORK or (folder.exists() and not folder.is_dir())
    if taken or _belongs_to_another(folder, owner):
        return reports / f"{name}-{short_hash(owner)[:6]}"
    return folder


def claim(reports: Path, network: NetworkSource) -> Path:
    """The same, and from here on it is this network's. Raises CannotWrite."""
    with one_at_a_time(reports):
        folder = folder_of(reports, network)
        if folder != reports and owner_of(folder) != (owner := _owner(reports, network)):
            write_atomically(folder / _OWNER, f"{owner}\n")
        return folder


def owner_of(folder: Path) -> str:
    """The network that a folder belongs to; empty where it is nobody's, as the reports folder itself."""
    try:
        return (folder / _OWNER).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        return ""


def owned_folders(reports: Path) -> list[Path]:
    """The folders of networks in the reports, sorted by name."""
    return sorted(path.parent.parent for path in reports.glob(f"*/{_OWNER.as_posix()}"))


def listed(reports: Path) -> list[Listed]:
    """The networks with a folder of their own, and how far each came.

    Their `results.json` says it, which is withdrawn whenever it is no longer true.
    """
    found = [_listed(folder) for folder in owned_folders(reports)]
    return [network for network in found if network is not None]


def trainings(reports: Path) -> list[ListedTraining]:
    """The training programs with a page in a folder of their own, and what came out of each."""
    found = []
    for folder in owned_folders(reports):
        try:
            told = json.loads((folder / TRAINING_JSON).read_text(encoding="utf-8"))
            name = owner_of(folder).removesuffix(":build")
            found.append(ListedTraining(name, folder.name, told["status"], told["headline"], told["started"]))
        except (OSError, ValueError, KeyError, TypeError):
            continue  # it has none, or it is just being run
    return found


@contextmanager
def one_at_a_time(reports: Path) -> Iterator[None]:
    """For what concerns all networks of the reports, and takes a moment: nobody else does such a thing meanwhile."""
    from filelock import FileLock

    folder = reports / "ledger"
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
        lock = FileLock(folder / ".shared.lock")
        lock.acquire()
    try:
        yield
    finally:
        lock.release()


def _owner(reports: Path, network: NetworkSource) -> str:
    """A file is named as seen from beside the reports: where both are moved or copied together, it stays the same."""
    if network.module:
        return network.argument
    try:
        path = Path(os.path.relpath(network.file, reports.resolve().parent))
    except ValueError:  # on another drive
        path = network.file
    return f"{path.as_posix()}:{network.attribute}"


def _belongs_to_another(folder: Path, owner: str) -> bool:
    """Whether a network that is still there has this folder; that of one that was moved or removed is free."""
    other = owner_of(folder)
    if other in ("", owner):
        return False
    file = other.rpartition(":")[0]
    return not file.endswith(".py") or (folder.resolve().parent.parent / file).is_file()


def _listed(folder: Path) -> Listed | None:
    """None where it was never run, or everything was forgotten."""
    try:
        stages = json.loads((folder / "results.json").read_text(encoding="utf-8"))["stages"]
        first = next((s for s in stages if s["status"] != "passed" or s["out_of_order"]), None)
        return Listed(
            name=owner_of(folder),
            folder=folder.name,
            status="passed" if first is None else "out-of-order" if first["status"] == "passed" else first["status"],
            stopped_at=None if first is None else first["number"],
            title="" if first is None else first["title"],
            passed=sum(s["status"] == "passed" and not s["out_of_order"] for s in stages),
            stages=len(stages),
            page=(folder / "index.html").is_file(),
        )
    except (OSError, ValueError, KeyError, TypeError):
        if not any(folder.glob("ledger/stage-*.json")):
            return None
        # Its results were withdrawn: it runs just now, or its last run was killed.
        return Listed(owner_of(folder), folder.name, "stale", None, "", 0, 0, page=False)
