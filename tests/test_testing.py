"""`assert_climbs` in somebody's own test suite."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import pytest
from subject_zoo import Wrapped, breaking

from nnkit.subjects.shared import build
from nnkit.testing import assert_climbs


class ClimbsInstead(Wrapped):
    def train_step(self, x: Any, y: Any, learning_rate: float) -> None:
        self.network.train_step(x, y, -learning_rate)


def raising(sizes: tuple[int, ...], seed: int) -> Any:
    raise RuntimeError("no network today")


def test_a_right_network_climbs() -> None:
    assert_climbs(build, until=2)
    assert_climbs(partial(build, hidden="tanh"), until=1)


def test_a_wrong_one_says_what_is_wrong() -> None:
    with pytest.raises(AssertionError, match=r"does not pass stage 1.*failed\n  One small step.*\n.*does not fall"):
        assert_climbs(breaking(ClimbsInstead), until=2)


def test_an_exception_names_its_line() -> None:
    with pytest.raises(AssertionError, match=r"(?s)stage 1.*error.*no network today.*test_testing.py:\d+ in raising"):
        assert_climbs(raising)


def test_what_was_typed_in_a_repl_has_no_file_and_climbs_all_the_same() -> None:
    typed: dict[str, Any] = {"__name__": "__main__"}
    text = "from nnkit.subjects.shared import build as make\n\ndef build(sizes, seed):\n    return make(sizes, seed)\n"
    exec(compile(f"{text}\nclass Maker:\n    def __call__(self, sizes, seed):\n        return make(sizes, seed)\n",
                 "<stdin>", "exec"), typed)  # fmt: skip
    maker = type("Maker", (typed["Maker"],), {"__module__": "__main__"})()
    for build_it in (typed["build"], maker, partial(typed["build"])):
        assert_climbs(build_it, until=1)
    exec(compile("def build(sizes, seed):\n    return 1 / 0\n", "<stdin>", "exec"), typed)
    with pytest.raises(AssertionError, match="does not pass stage 1"):
        assert_climbs(typed["build"], until=1)


def test_a_network_by_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "own.py").write_text("from nnkit.subjects.shared import build as make\n", encoding="utf-8")
    assert_climbs("own.py:make", until=1)
    assert not list(tmp_path.glob("reports"))


@pytest.mark.parametrize("until", [0, -1, 9])
def test_stages_that_there_are_not(until: int) -> None:
    with pytest.raises(ValueError, match="1 to 8"):
        assert_climbs(build, until=until)
