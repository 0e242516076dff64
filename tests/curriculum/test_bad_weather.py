"""Runs of the real command that are interrupted, killed, doubled, or have no room: what is left is whole and true."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
from workshop import Workshop

pytestmark = pytest.mark.skipif(os.name != "posix", reason="speaks of POSIX signals and limits")

#: a stage that says it has begun, and then waits to be let go or cut off
WAITS = """
import time
from pathlib import Path

@stage.check("waits")
def waits(lab):
    Path("begun").touch()
    while not Path("go").exists():
        time.sleep(0.01)
    return at_most(1, 2, because="b", message="m")
"""
PATIENCE = 60  # seconds until a test that hangs is given up; none waits that long


@pytest.fixture
def shop(workshop: Workshop) -> Workshop:
    """Three stages without data."""
    (workshop.stages / "stage_4.py").unlink()
    workshop.write_stage(3)
    return workshop


def start(shop: Workshop, *words: str, first: str = "") -> subprocess.Popen[str]:
    """The command in a process of its own, in the workshop's folder; it does what `first` says before."""
    root = Path(__file__).resolve().parents[2]
    # Whoever runs the tests in the background may have Ctrl-C ignored, and that is passed on.
    listens = "import signal\nsignal.signal(signal.SIGINT, signal.default_int_handler)"
    program = f"{listens}\n{first}\nfrom nnkit.cli import main\nmain()"
    return subprocess.Popen(
        [sys.executable, "-c", program, "run", "my_network.py", "--stages", "stages", *words],
        cwd=shop.folder, env={**os.environ, "PYTHONPATH": str(root)},
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8",
    )  # fmt: skip


def finish(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    out, err = process.communicate(timeout=PATIENCE)
    return process.returncode, out, err


def wait_until_begun(shop: Workshop, process: subprocess.Popen[str]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not (shop.folder / "begun").exists():
        assert process.poll() is None and time.monotonic() < deadline, process.communicate()
        time.sleep(0.01)


def told(shop: Workshop) -> dict[int, str]:
    content = json.loads((shop.reports / "results.json").read_text(encoding="utf-8"))
    return {stage["number"]: stage["status"] for stage in content["stages"]}


def nothing_half_written(shop: Workshop) -> bool:
    return not list(shop.reports.rglob("*.tmp")) and not shop.ledger.notes


@pytest.mark.parametrize(
    ("number", "sent", "status"),
    [(1, signal.SIGINT, 130), (2, signal.SIGTERM, 143), (3, signal.SIGINT, 130)],
)
@pytest.mark.parametrize("before", ["first climb", "climbed"])
def test_an_interrupt_in_any_stage_keeps_the_earlier_results(
    shop: Workshop, number: int, sent: signal.Signals, status: int, before: str
) -> None:
    if before == "climbed":
        assert finish(start(shop, "--no-report"))[0] == 0
    shop.write_stage(number, WAITS)
    process = start(shop, "--no-report")
    wait_until_begun(shop, process)
    process.send_signal(sent)
    code, _, err = finish(process)
    assert code == status
    assert "the results of the stages that ended are kept" in err
    interrupted, later = ("stale", "stale") if before == "climbed" else ("not-run", "not-run")
    expected = {n: "passed" if n < number else interrupted if n == number else later for n in (1, 2, 3)}
    assert told(shop) == expected
    assert nothing_half_written(shop)
    (shop.folder / "go").touch()
    code, out, _ = finish(start(shop, "--no-report"))
    assert code == 0, out
    ran = [line.split()[0] for line in out.splitlines() if " s  Title" in line]
    assert ran == ([str(number)] if before == "climbed" else [str(n) for n in range(number, 4)])


def test_the_pages_after_an_interrupt_are_right(shop: Workshop) -> None:
    assert finish(start(shop))[0] == 0
    shop.write_stage(2, WAITS)
    process = start(shop)
    wait_until_begun(shop, process)
    left = {page.name for page in shop.reports.glob("*.html")} - {"causes.html"}  # which tells of no climb
    assert left == {"stage-1.html"}  # the others are not true any more
    process.send_signal(signal.SIGINT)
    assert finish(process)[0] == 130
    titles = {
        page.name: page.read_text(encoding="utf-8").partition("</title>")[0]
        for page in shop.reports.glob("*.html")
        if page.name != "causes.html"
    }
    assert len(titles) == 4
    assert "passed" in titles["stage-1.html"] and "passed" not in titles["stage-2.html"] + titles["stage-3.html"]


def test_a_killed_run_leaves_no_false_pass_and_no_lock(shop: Workshop) -> None:
    assert finish(start(shop, "--no-report"))[0] == 0
    shop.write_stage(2, WAITS)
    process = start(shop, "--no-report")
    wait_until_begun(shop, process)
    process.kill()
    finish(process)
    assert shop.on_disk() == {1: "passed", 2: "stale", 3: "passed"}
    assert not (shop.reports / "results.json").exists()
    (shop.folder / "go").touch()
    assert finish(start(shop, "--no-report", "--wait", "0"))[0] == 0
    assert told(shop) == {1: "passed", 2: "passed", 3: "passed"}


#: a network that hangs, and says in which process; a process that it starts hangs, too
HANGS = """import os, subprocess, time
from pathlib import Path

def build(sizes, seed):
    child = subprocess.Popen(["sleep", "1000"])
    Path("pids").write_text(f"{os.getpid()} {child.pid}")
    Path("begun").touch()
    while True:
        try:
            time.sleep(1)
        except BaseException:
            pass
"""


@pytest.mark.parametrize(
    ("sent", "status"),
    [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGKILL, -signal.SIGKILL)],
    ids=["interrupted", "terminated", "killed"],
)
def test_no_process_of_the_network_survives_the_command(shop: Workshop, sent: signal.Signals, status: int) -> None:
    shop.write_network(text=HANGS)
    process = start(shop, "--no-report")
    wait_until_begun(shop, process)
    pids = [int(pid) for pid in (shop.folder / "pids").read_text(encoding="utf-8").split()]
    assert all(map(runs, pids)) and process.pid not in pids
    process.send_signal(sent)
    assert finish(process)[0] == status
    deadline = time.monotonic() + PATIENCE
    while any(map(runs, pids)):  # where the command was killed, its worker must notice that first
        assert time.monotonic() < deadline
        time.sleep(0.01)


def runs(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_the_limit_of_time_is_an_option_and_in_process_has_none(shop: Workshop) -> None:
    shop.write_network(text=HANGS)
    code, out, _ = finish(start(shop, "--no-report", "--timeout", "0.5"))
    assert code == 1
    assert "  1  timeout" in out and "my_network.py:" in out and "no answer within 0.5 s" in out
    (shop.folder / "begun").unlink()
    process = start(shop, "--no-report", "--in-process", "--timeout", "0.5")
    wait_until_begun(shop, process)
    own, child = (int(pid) for pid in (shop.folder / "pids").read_text(encoding="utf-8").split())
    assert own == process.pid
    os.kill(child, signal.SIGKILL)  # here nobody else does
    process.kill()
    finish(process)


def test_the_limit_of_memory_is_an_option(shop: Workshop) -> None:
    shop.write_network(text="def build(sizes, seed):\n    more = []\n    while True: more.append(bytes(10**6))\n")
    code, out, _ = finish(start(shop, "--no-report", "--memory", "0.3"))
    assert code == 1
    assert "  1  crashed" in out and "my_network.py:3 in build" in out and "0.3 GB are allowed (--memory)" in out


def test_what_the_network_prints_stays_out_of_the_output(shop: Workshop) -> None:
    own = shop.network.read_text(encoding="utf-8")
    shop.write_network(text=own.replace("        self.sizes", "        print('hello')\n        self.sizes"))
    code, out, err = finish(start(shop, "--no-report"))
    assert code == 0 and "hello" not in out + err
    content = json.loads((shop.reports / "results.json").read_text(encoding="utf-8"))
    (check,) = content["stages"][0]["checks"]
    assert set(check["printed"].splitlines()) == {"hello"} and check["printed_bytes"] == len(check["printed"])
    assert f"it printed {check['printed_bytes']} bytes, kept with the result of each check" in out


def test_two_runs_at_once_take_turns(shop: Workshop) -> None:
    shop.write_stage(2, WAITS)
    first = start(shop, "--no-report")
    wait_until_begun(shop, first)
    code, _, err = finish(start(shop, "--no-report", "--wait", "0.1"))
    assert code == 2
    assert f"another nnkit (process {first.pid}) is using" in err and "--wait" in err
    second = start(shop, "--no-report")
    assert second.stderr is not None
    assert f"waiting for another nnkit (process {first.pid})" in second.stderr.readline()
    (shop.folder / "go").touch()
    assert finish(first)[0] == 0
    code, out, _ = finish(second)
    assert code == 0 and "All 3 stages pass" in out
    assert nothing_half_written(shop)


def test_a_disk_without_room_loses_no_earlier_result(shop: Workshop) -> None:
    big = """
import numpy as np
from nnkit.curriculum.evidence import Caption, Images

@stage.check("big")
def big(lab):
    pictures = Images(title="t", caption=Caption("l", "h", "s"), values=np.zeros((10, 100, 100)))
    return at_most(1, 2, because="b", message="m", evidence=[pictures])
"""
    shop.write_stage(2, big)
    room = 100_000  # bytes in one file: enough for stage 1, not for the million of stage 2
    limit = f"import resource; resource.setrlimit(resource.RLIMIT_FSIZE, ({room}, {room}))"
    code, _, err = finish(start(shop, "--no-report", first=limit))
    assert code == 2
    assert "cannot write" in err and "stage-2.json" in err and "--reports" in err
    assert shop.on_disk() == {1: "passed"}
    assert nothing_half_written(shop)
    assert finish(start(shop, "--no-report"))[0] == 0


def test_a_reader_that_goes_away_does_no_harm(shop: Workshop) -> None:
    process = start(shop, "--no-report")
    assert process.stdout is not None
    process.stdout.close()
    assert process.wait(timeout=PATIENCE) in (0, 1)
    assert process.stderr is not None
    assert "Traceback" not in process.stderr.read()
    process.stderr.close()
    assert finish(start(shop, "--no-report"))[0] == 0
