from __future__ import annotations

import os

import pytest

from nnkit.isolation.last_words import how_it_ended, stack, timed_out

WATCHDOG = """Timeout (0:00:01)!
Thread 0x00007f00000000aa (most recent call first):
  File "/lib/threading.py", line 324 in wait

Thread 0x00007f00000000bb [main] (most recent call first):
  File "/home/me/my_network.py", line 8 in forward
  File "/home/me/my_network.py", line 20 in gradients
"""
CRASH = """Fatal Python error: Segmentation fault

Thread 0x00007f00000000bb (most recent call first):
  File "/home/me/my_network.py", line 30 in <lambda>

Current thread 0x00007f00000000aa (most recent call first):
  File "/home/me/my net.py", line 5 in inner
  File "/home/me/my net.py", line 9 in outer

Extension modules: numpy.core (total: 1)
"""
LEFT = 'Stack (most recent call first):\n  File "a.py", line 3 in leave\n'


@pytest.mark.parametrize(
    ("log", "expected"),
    [
        (WATCHDOG, [("my_network.py", 20, "gradients"), ("my_network.py", 8, "forward")]),
        (CRASH, [("my net.py", 9, "outer"), ("my net.py", 5, "inner")]),
        (LEFT, [("a.py", 3, "leave")]),
        ("", []),
        ("Fatal Python error: Segmentation fault\n\n<no Python frame>\n", []),
    ],
)
def test_the_stack_is_the_one_of_the_thread_that_matters(log: str, expected: list[tuple[str, int, str]]) -> None:
    frames = stack(log, main_thread=0x7F00000000BB)
    assert [(frame.filename.rpartition("/")[2], frame.lineno, frame.name) for frame in frames] == expected


def test_only_the_watchdog_means_a_time_out() -> None:
    assert timed_out(WATCHDOG)
    assert not timed_out(CRASH) and not timed_out("") and not timed_out('  File "Timeout (.py", line 1 in f')


@pytest.mark.parametrize(
    ("code", "words"),
    [(0, "exit code 0"), (3, "exit code 3"), (None, "closed its connection"), (0xC0000005, "access violation")],
)
def test_an_exit_code_is_told(code: int | None, words: str) -> None:
    assert words in how_it_ended(code)


@pytest.mark.skipif(os.name != "posix", reason="speaks of POSIX signals")
@pytest.mark.parametrize(
    ("code", "words"),
    [(-11, "segmentation fault (SIGSEGV)"), (-9, "memory runs out"), (-6, "SIGABRT"), (-250, "signal 250")],
)
def test_a_signal_is_told_by_its_name(code: int, words: str) -> None:
    assert words in how_it_ended(code)
