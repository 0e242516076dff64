"""Whatever a network does, its check gets a clear result, the other results are kept, and nothing is left running."""

from __future__ import annotations

import os
import time
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest
from workshop import Workshop

from nnkit.curriculum.results import StageResult
from nnkit.curriculum.runner import climb
from nnkit.isolation import isolated
from nnkit.isolation.isolated import Isolated
from nnkit.subjects.load import LoadError

TIMEOUT = 1.0  # seconds, for those that hang: a check of a network that behaves takes a hundredth of that
PATIENCE = 60.0  # seconds until a climb counts as hanging; none takes a tenth of that
ROOM = 200e6  # bytes beyond what a worker uses anyway

NETWORK = """import ctypes, os, random, re, signal, subprocess, sys, threading, time
import numpy as np

def chatter():
    while True:
        print("chatter " * 99)

def ever():
    while True:
        time.sleep(0.01)

class Rude(BaseException):
    def __str__(self):
        raise ValueError

class Deep:
    def __repr__(self):
        return repr(self)

class build:
    value = 1.0

    def __init__(self, sizes, seed):
        np.random.seed(seed)

    def parameters(self):
        return [np.zeros((2, 1))]

    def misbehave(self):
"""
FIRST_LINE = NETWORK.count("\n") + 1
STAGE = """
@stage.check("before")
def before(lab):
    return at_most(lab.build((2, 1)).value, 2, because="b", message="fine before")

@stage.check("bad")
def bad(lab):
    lab.build((2, 1)).misbehave()
    return at_most(lab.build((2, 1)).value, 2, because="b", message="fine")

@stage.check("after")
def after(lab):
    import numpy as np, os
    from pathlib import Path
    assert np.geterr()["over"] == "ignore"
    print("printed after", flush=True)
    return at_most(lab.build((2, 1)).value, 2, because=str(Path.cwd()), message="fine after")
"""


@dataclass
class Case:
    name: str
    code: str
    status: str
    #: words of the result of the check
    said: str
    #: lines down in `code`, from 1: the place that is told; 0: none is
    line: int = 0
    printed: str = ""
    posix: bool = False


CASES = [
    Case("raises", "raise ValueError('no')", "error", "raised ValueError", 1),
    Case("raises what no except Exception stops", "raise Rude", "error", "raised Rude", 1),
    Case("raises KeyboardInterrupt", "raise KeyboardInterrupt", "error", "raised KeyboardInterrupt", 1),
    Case("recurses without end", "self.misbehave()", "error", "raised RecursionError", 1),
    Case("asks for too big an array", "np.ones(10**15)", "error", "raised", 1),
    Case("asks who is not there", "input()", "error", "raised EOFError", 1),
    Case("leaves by sys.exit", "sys.exit(3)", "error", "asked the whole program to end (SystemExit: 3)", 1),
    Case("leaves by exit()", "exit()", "error", "asked the whole program to end", 1),
    Case("leaves by os._exit(0)", "pass\nos._exit(0)", "crashed", "exit code 0", 2),
    Case("leaves by os._exit(7)", "os._exit(7)", "crashed", "exit code 7", 1),
    Case("loops", "n = 0\nwhile True: n += 1", "timeout", "no answer within 1 s (--timeout", 2),
    Case("sleeps", "time.sleep(100)", "timeout", "no answer within 1 s", 1),
    Case("waits for its own lock", "lock = threading.Lock()\nlock.acquire()\nlock.acquire()", "timeout", "no answer", 3),
    Case("waits for its own thread", "t = threading.Thread(target=ever)\nt.start()\nt.join()", "timeout", "no answer", 3),
    Case("does not let Python run", "re.match('(a+)+$', 'a' * 60 + 'b')", "timeout", "no answer", 1),
    Case("swallows all", "while True:\n    try: time.sleep(9)\n    except BaseException: pass", "timeout", "no", 2),
    Case("recurses in compiled code", "sys.setrecursionlimit(10**9)\nrepr(Deep())", "crashed", "SIGSEGV", 0, posix=True),
    Case("reads at address 0", "ctypes.string_at(0)", "crashed", "segmentation fault (SIGSEGV)", 1, posix=True),
    Case("aborts", "os.abort()", "crashed", "aborted (SIGABRT)", 1, posix=True),
    Case("divides by zero in hardware", "os.kill(os.getpid(), signal.SIGFPE)", "crashed", "SIGFPE", 1, posix=True),
    Case("kills itself", "os.kill(os.getpid(), signal.SIGKILL)", "crashed", "killed (SIGKILL)", posix=True),
    Case("terminates itself", "os.kill(os.getpid(), signal.SIGTERM)", "crashed", "terminated (SIGTERM)", posix=True),
    Case("stops itself", "os.kill(os.getpid(), signal.SIGSTOP)", "timeout", "no answer", posix=True),
    Case("is deaf and loops", "signal.signal(signal.SIGTERM, signal.SIG_IGN)\never()", "timeout", "no answer", 0),
    Case("becomes another program", "os.execlp('sleep', 'sleep', '100')", "crashed", "another program", posix=True),
    Case("closes all files", "os.closerange(3, 200)", "crashed", "crashed", posix=True),
    Case("fills the memory", "x = []\nwhile True:\n    x.append(np.ones(10**6))", "crashed", "(--memory)", 3, posix=True),
    Case("floods", "while True:\n    print('x' * 99)", "timeout", "no answer", 2, printed="xxx\n[... "),
    Case("floods, and ends", "for n in range(9**6): print(n)", "passed", "fine", printed="1\n2\n3\n"),
    Case("closes its output", "os.close(1)\nos.close(2)", "passed", "fine"),
    Case("replaces its output", "sys.stdout = None", "passed", "fine"),
    Case("prints bytes", "os.write(1, b'a\\xff\\x1b[1m\\0b')", "passed", "fine", printed="a\\xff\\x1b[1m\\x00b"),
    Case("prints letters", "print(chr(233), chr(128515))", "passed", "fine", printed="\xe9 \U0001f603"),
    Case("draws a bar", "print('10 %', end='\\r')\nprint('20 %')", "passed", "fine", printed="20 %"),
    Case("returns twice", "if os.fork(): os.wait()", "passed", "fine", posix=True),
    Case("has a thread that raises", "t = threading.Thread(target=lambda: 1 / 0)\nt.start()\nt.join()", "passed", "fine",
         printed="ZeroDivisionError"),
    Case("leaves a thread", "threading.Thread(target=ever).start()", "warning", "left a thread running, at my_network.py"),
    Case("leaves a process", "subprocess.Popen(['sleep', '100'])", "warning", "left a process running", posix=True),
    Case("tells NumPy to raise", "np.seterr(over='raise')", "warning", "np.seterr(over='raise') (put back)"),
    Case("changes the folder", "os.chdir('..')", "warning", "changed the working directory"),
    Case("seeds NumPy for all", "np.random.seed(0)", "warning", f"np.random.seed at my_network.py:{FIRST_LINE} in misb"),
    Case("seeds Python for all", "random.seed(0)", "warning", f"random.seed at my_network.py:{FIRST_LINE} in misbehave"),
]  # fmt: skip


@pytest.fixture
def shop(workshop: Workshop, monkeypatch: pytest.MonkeyPatch) -> Workshop:
    """Three stages without data, of which the second lets the network misbehave."""
    (workshop.stages / "stage_4.py").unlink()
    workshop.write_stage(2, STAGE)
    workshop.write_stage(3)
    monkeypatch.setattr(isolated, "_GRACE_SECONDS", 0.5)
    return workshop


def run(shop: Workshop, code: str, timeout: float = PATIENCE) -> dict[int, StageResult]:
    """The records after a climb with a network that does this."""
    lines = "".join(f"        {line}\n" for line in code.splitlines())
    shop.write_network(text=NETWORK + lines)
    before = set(psutil.Process().children(recursive=True))
    begin = time.monotonic()
    with closing(Isolated(timeout, memory=psutil.Process().memory_info().rss + ROOM)) as execution:
        climb(shop.ladder(), shop.ledger, execution=execution)
        process = execution._process
        assert process is not None
    assert time.monotonic() - begin < PATIENCE + TIMEOUT
    assert not set(psutil.Process().children(recursive=True)) - before
    assert not alive_in_group(process.pid)
    return shop.ledger.read_all()


def alive_in_group(leader: int) -> list[int]:
    """The processes of this group that run; what is dead and not yet buried is in no one's way."""
    alive = []
    for process in psutil.process_iter() if os.name == "posix" else ():
        with suppress(psutil.Error, ProcessLookupError):
            if os.getpgid(process.pid) == leader and process.status() != psutil.STATUS_ZOMBIE:
                alive.append(process.pid)
    return alive


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name.replace(" ", "-"))
def test_a_network_that(shop: Workshop, case: Case) -> None:
    if case.posix and os.name != "posix":
        pytest.skip("speaks of POSIX signals and processes")
    records = run(shop, case.code, TIMEOUT if case.status == "timeout" else PATIENCE)
    assert records[1].status == "passed"
    record = records[2]
    before, bad, *after = record.checks
    assert (before.status, before.message) == ("passed", "fine before")
    assert case.said in bad.message
    if case.status in ("passed", "warning"):
        assert (record.status, bad.status) == ("passed", case.status)
        assert bad.message.endswith("fine" if case.status == "passed" else ". The check itself holds: fine")
        assert records[3].status == "passed"
    else:
        assert (record.status, bad.status, bad.unanswered) == (case.status, "failed", True)
        assert record.failure is not None and record.failure.check == "bad"
        if case.line:
            assert record.failure.place == f"my_network.py:{FIRST_LINE + case.line - 1} in misbehave"
            assert record.failure.place in bad.message and record.failure.place in record.failure.traceback
            assert "nnkit" not in record.failure.traceback  # none of its own frames
        assert (records[3].status, records[3].reason[:7]) == ("blocked", "stage 2")
    if case.status in ("timeout", "crashed"):
        assert not after and "the check after it did not run" in bad.message
    else:  # nothing of it disturbs the next check
        assert [check.message for check in after] == ["fine after"]
        assert after[0].printed == "printed after\n" and after[0].because == str(Path.cwd())
    assert case.printed in bad.printed and len(bad.printed) < 10_000
    assert bool(case.printed) == bool(bad.printed_bytes)


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("import time\ntime.sleep(100)", "no answer within 1 s"),
        ("import os\nos._exit(0)", "exit code 0"),
        ("import sys\nsys.exit(0)", "SystemExit"),
    ],
)
def test_an_import_that_does_not_end_well_is_told_with_its_line(shop: Workshop, code: str, said: str) -> None:
    shop.write_network(text=code)
    with closing(Isolated(TIMEOUT)) as execution, pytest.raises(LoadError, match=r"my_network\.py, line 2") as caught:
        climb(shop.ladder(), shop.ledger, execution=execution)
    assert said in str(caught.value) and "cannot be imported" in str(caught.value)
    assert not shop.on_disk()


def test_a_network_that_crashes_while_it_is_built_is_told_in_the_first_check(shop: Workshop) -> None:
    shop.write_network(text="import os\ndef build(sizes, seed):\n    os._exit(1)\n")
    with closing(Isolated(TIMEOUT)) as execution:
        climb(shop.ladder(), shop.ledger, execution=execution)
    record = shop.ledger.read_all()[1]
    assert record.status == "crashed" and record.failure is not None
    assert record.failure.place == "my_network.py:3 in build"


def test_what_one_check_left_behind_is_told_once(shop: Workshop) -> None:
    shop.write_stage(2, STAGE.replace('print("printed after"', 'lab.build((2, 1)).misbehave(); print("printed after"'))
    code = "if not hasattr(build, 'left'):\n    build.left = threading.Thread(target=ever)\n    build.left.start()"
    checks = run(shop, code)[2].checks
    assert [check.status for check in checks] == ["passed", "warning", "passed"]


def test_a_thread_that_never_stops_printing_holds_nothing_up(shop: Workshop) -> None:
    records = run(shop, "threading.Thread(target=chatter).start()")
    assert [record.status for record in records.values()] == ["passed"] * 3
    assert [check.status for check in records[2].checks] == ["passed", "warning", "passed"]
    assert len(records[2].checks[2].printed) < 10_000
