from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from xml.etree import ElementTree as ET

import pytest
from workshop import Workshop

from nnkit import cli
from nnkit.curriculum import data as climb_data
from nnkit.curriculum import gate
from nnkit.datasets import DataDamaged, MnistUnavailable
from nnkit.datasets.verification import FileReport
from nnkit.diagnosis.catalogue import causes

Nnkit = Callable[..., tuple[int, str, str]]


@pytest.fixture
def shop(workshop: Workshop, monkeypatch: pytest.MonkeyPatch) -> Workshop:
    """The workshop as the current folder, with digits for data, and nnkit's own source taken to be unchanging."""
    monkeypatch.chdir(workshop.folder)
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.setattr(gate, "nnkit_fingerprint", lambda package: "nnkit")
    found = SimpleNamespace(name="digits", fingerprint="f", source="inside nnkit: no MNIST found", files=(Path("d"),))
    monkeypatch.setattr(climb_data, "locate_dataset", lambda directory: found)
    monkeypatch.setattr(climb_data, "load_dataset", lambda directory, **_: found)
    monkeypatch.setattr(cli, "locate_dataset", lambda directory: found)
    return workshop


@pytest.fixture
def nnkit(shop: Workshop, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Nnkit]:
    """The command in this process: status, standard output, standard error."""
    handler = signal.getsignal(signal.SIGTERM)

    def command(*words: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["nnkit", *words])
        capsys.readouterr()
        with pytest.raises(SystemExit) as caught:
            cli.main(words)
        out, err = capsys.readouterr()
        assert (out + err).isascii()
        return int(caught.value.code or 0), out, err

    yield command
    signal.signal(signal.SIGTERM, handler)


#: in this process, which is where the stand-ins of `shop` are
RUN = ("run", "my_network.py", "--stages", "stages", "--in-process", "--no-report")


def test_a_climb_prints_a_line_for_each_stage_and_says_it_ran_on_digits(nnkit: Nnkit) -> None:
    status, out, err = nnkit(*RUN)
    lines = out.splitlines()
    assert (status, err) == (0, "")
    assert [line.split()[:2] for line in lines[:4]] == [[str(n), "passed"] for n in (1, 2, 3, 4)]
    assert lines[0].endswith("s  Title 1: small")
    assert lines[2].endswith("Title 3 [digits, not MNIST]: small")
    assert "All 4 stages pass" in lines[4] and "stage 3 on the embedded 8x8 digits, not on MNIST" in lines[4]


def test_what_is_up_to_date_is_shown_without_a_time_and_leaves_no_line_among_the_runs(
    nnkit: Nnkit, shop: Workshop
) -> None:
    nnkit(*RUN)
    runs = shop.ledger.runs()
    status, out, _ = nnkit(*RUN)
    assert status == 0 and " s  " not in out
    assert shop.ledger.runs() == runs and len(runs) == 1
    assert (runs[0].command, runs[0].passed) == (f"nnkit {' '.join(RUN)}", True)


def test_a_failure_says_claim_measured_required_hint_and_what_to_type(nnkit: Nnkit, shop: Workshop) -> None:
    shop.write_stage(2, limit=0.5)
    status, out, _ = nnkit(*RUN, "--seed", "3")
    assert status == 1
    assert "  2  failed" in out and "small" not in out.splitlines()[1]
    told = out[out.index("stages 3 to 4 are blocked") :]
    for words in (
        "the value is at most 0.5",
        "1, required <= 0.5",
        "the value is 1.0",
        "Question?",
        "nnkit run my_network.py:build --seed 3 --stages stages --until 2",
    ):
        assert words in told
    assert shop.ledger.runs()[-1].stopped_at == 2


def test_under_make_the_next_command_is_a_make_target(
    nnkit: Nnkit, shop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NNKIT_MAKE", "1")
    shop.write_stage(2, limit=0.5)
    _, out, _ = nnkit(*RUN, "--seed", "3")
    assert "make stage-2 NETWORK=my_network.py:build SEED=3\n" in out


def test_an_error_is_told_with_the_users_own_line(nnkit: Nnkit, shop: Workshop) -> None:
    shop.write_network(text="def build(sizes, seed):\n    return 1 / 0\n")
    status, out, _ = nnkit(*RUN)
    assert status == 1
    assert "ZeroDivisionError: division by zero" in out and "my_network.py:2 in build" in out


def test_one_stage_alone_is_marked_out_of_order(nnkit: Nnkit) -> None:
    status, out, _ = nnkit(*RUN, "--stage", "2")
    assert status == 0
    assert "Stage 2 passes, but it ran out of order: stage 1 before it has no valid pass" in out
    assert "0 of 4 stages pass" in out
    for line in (out.splitlines()[0], nnkit("list")[1].splitlines()[2]):
        assert line.startswith("  2  passed") and line.endswith("Title 2: out of order, small")


def test_something_missing_is_told_once_and_is_no_failed_check(nnkit: Nnkit, shop: Workshop) -> None:
    body = "".join(f"@stage.check('asks {n}')\ndef {n}(lab):\n    raise Blocked('add gradients')\n" for n in "ab")
    shop.write_stage(2, body)
    status, out, _ = nnkit(*RUN)
    assert status == 1
    assert out.splitlines()[1].endswith("Title 2: something is missing")
    assert out.count("Missing:   add gradients") == out.count("add gradients") == 1
    assert "1 more of 2 checks cannot run" in out and "failed" not in out


def test_a_measured_failure_is_told_before_what_is_missing(nnkit: Nnkit, shop: Workshop) -> None:
    body = "@stage.check('asks')\ndef a(lab):\n    raise Blocked('add gradients')\n"
    body += "@stage.check('fails')\ndef b(lab):\n    return at_most(3, 2, because='b', message='too much')\n"
    shop.write_stage(2, body)
    out = nnkit(*RUN)[1]
    assert out.splitlines()[1].endswith("Title 2: 1 of 2 checks failed")
    assert "Found:     too much" in out and "Besides:   1 more of 2 checks cannot run" in out


def test_an_edit_while_the_climb_runs_is_told(nnkit: Nnkit, shop: Workshop) -> None:
    edit = f"    with open({str(shop.stages / 'stage_1.py')!r}, 'a') as file:\n        file.write('# edited')\n"
    end = "    return at_most(0, 1, because='b', message='m')\n"
    shop.write_stage(2, f"@stage.check('c')\ndef c(lab):\n{edit}{end}")
    status, out, _ = nnkit(*RUN)
    assert status == 1
    assert "Stage 1 passed, but does not hold any more: this stage's source changed since." in out


def test_until_climbs_no_further(nnkit: Nnkit, shop: Workshop) -> None:
    assert nnkit(*RUN, "--until", "2")[0] == 0
    assert shop.on_disk() == {1: "passed", 2: "passed"}


def test_json_and_junit_are_written_where_asked(nnkit: Nnkit, shop: Workshop) -> None:
    shop.write_stage(4, limit=0.5)
    assert nnkit(*RUN, "--json", "out/results.json", "--junit", "out/junit.xml")[0] == 1
    content = json.loads(Path("out/results.json").read_text(encoding="utf-8"))
    assert (content["passed"], content["stopped_at"]) == (False, 4)
    assert content == json.loads((shop.reports / "results.json").read_text(encoding="utf-8"))
    assert ET.parse("out/junit.xml").getroot().attrib["failures"] == "1"
    assert nnkit(*RUN, "--until", "3", "--json", "out/results.json")[0] == 0
    assert json.loads(Path("out/results.json").read_text(encoding="utf-8"))["passed"] is True


def test_text_of_the_network_cannot_steer_the_terminal(nnkit: Nnkit, shop: Workshop) -> None:
    shop.write_network(text="def build(sizes, seed):\n    raise ValueError('\\x1b[2J\\u202e\\n\\x07\\u2713')\n")
    _, out, _ = nnkit(*RUN)
    assert r"\x1b[2J\u202e" in out and r"\x07\u2713" in out and "\x1b" not in out


def test_list_and_report_speak_of_the_last_run(nnkit: Nnkit, shop: Workshop) -> None:
    shop.write_stage(2, limit=0.5)
    nnkit(*RUN, "--seed", "3")
    status, out, _ = nnkit("list")
    assert status == 0
    assert out.splitlines()[0] == "my_network.py:build, seed 3"
    assert [line.split()[1] for line in out.splitlines()[1:5]] == ["passed", "failed", "blocked", "blocked"]
    assert out.splitlines()[-1] == "Next: nnkit run my_network.py:build --seed 3 --stages stages --until 2"
    shop.write_network(0.5)
    assert [line.split()[1] for line in nnkit("list")[1].splitlines()[1:5]] == ["stale", "stale", "not-run", "not-run"]


def test_pages_are_drawn_and_drawn_again_and_those_of_other_stages_removed(nnkit: Nnkit, shop: Workshop) -> None:
    shop.reports.mkdir(parents=True)
    (shop.reports / "stage-9.html").write_text("passed", encoding="utf-8")
    shop.write_stage(4, limit=0.5)
    status, out, _ = nnkit(*RUN[:-1])
    assert status == 1 and str(Path("reports/my_network/stage-4.html")) in out
    names = ["causes.html", "index.html", "stage-1.html", "stage-2.html", "stage-3.html", "stage-4.html"]
    assert sorted(page.name for page in shop.reports.glob("*.html")) == names
    (shop.reports / "stage-1.html").unlink()
    assert nnkit("report")[0] == 0
    assert sorted(page.name for page in shop.reports.glob("*.html")) == names


def test_each_network_keeps_its_pages_and_the_first_page_lists_them(nnkit: Nnkit, shop: Workshop) -> None:
    stages = ("--stages", "stages", "--in-process")
    (shop.folder / "b").mkdir()
    (shop.folder / "b" / "my_network.py").write_text(shop.network.read_text(encoding="utf-8"), encoding="utf-8")
    shop.write_stage(4, limit=0.5)
    assert nnkit("run", "my_network.py", *stages, "--until", "3")[0] == 0
    first = (shop.reports / "index.html").read_text(encoding="utf-8")
    assert nnkit("run", "b/my_network.py", *stages)[0] == 1
    (other,) = (folder for folder in Path("reports").glob("my_network-*"))
    assert (shop.reports / "index.html").read_text(encoding="utf-8") == first and (other / "stage-4.html").is_file()
    index = Path("reports/index.html").read_text(encoding="utf-8")
    assert 'href="my_network/index.html"' in index and f'href="{other.name}/index.html"' in index
    assert "0 of 2 networks pass every stage" in index and index.count("3 of 4") == 2
    assert "b/my_network.py:build" in index and 'href="../index.html"' in first
    assert nnkit("list")[1].startswith("my_network.py:build, seed 0\n  1  passed")
    assert "Failed at" in index and "Next:" in index
    assert nnkit("reset", "--yes")[0] == 0
    assert not list(Path("reports").rglob("*.html")) and not list(Path("reports").rglob("stage-*.json"))


def test_the_first_page_says_where_the_shared_network_stands_too(
    nnkit: Nnkit, shop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    from nnkit.subjects import shared

    monkeypatch.setattr(shared.Network, "value", 1.0, raising=False)
    words = ("--stages", "stages", "--in-process")
    assert nnkit("run", *words)[0] == 0
    assert nnkit("run", "my_network.py", *words, "--until", "1")[0] == 0
    index = Path("reports/index.html").read_text(encoding="utf-8")
    assert "All 4 stages pass" in index and "Other networks" in index and "1 of 4" in index
    page = Path("reports/stage-1.html").stat().st_mtime_ns
    shop.write_network(3.0)
    assert nnkit("run", "my_network.py", *words)[0] == 1
    index = Path("reports/index.html").read_text(encoding="utf-8")
    assert "All 4 stages pass" in index and "0 of 4" in index
    assert Path("reports/stage-1.html").stat().st_mtime_ns == page


def test_a_folder_for_one_network_alone(nnkit: Nnkit, shop: Workshop) -> None:
    shop.write_stage(2, limit=0.5)
    _, out, _ = nnkit(*RUN[:-1], "--into", "here")
    assert Path("here/stage-2.html").is_file() and not Path("reports").exists()
    assert "nnkit run my_network.py:build --stages stages --into here --until 2" in out
    assert nnkit("list", "--reports", "here")[1].splitlines()[-1].startswith("Next: nnkit run my_network.py:build")


@pytest.mark.parametrize(("option", "needs"), [("", "def train_step"), ("--torch", "PyTorchNetwork(")])
def test_init_writes_a_file_to_fill_in(nnkit: Nnkit, shop: Workshop, option: str, needs: str) -> None:
    status, out, _ = nnkit("init", "mine.py", *option.split())
    text = Path("mine.py").read_text(encoding="utf-8")
    assert status == 0 and "nnkit run mine.py" in out
    assert needs in text
    compile(text, "mine.py", "exec")


def test_watch_climbs_again_when_the_network_is_saved(tmp_path: Path) -> None:
    network = tmp_path / "mine.py"
    network.write_text("from nnkit.subjects.shared import build\n", encoding="utf-8")
    words = [sys.executable, "-m", "nnkit", "watch", str(network), "--until", "1", "--reports", str(tmp_path / "r")]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True, encoding="utf-8", cwd=_root()) as process:
        assert process.stdout is not None
        said: list[str] = []
        for line in process.stdout:
            said.append(line)
            if line.startswith("Watching mine.py"):
                network.write_text("class build:\n    pass\n", encoding="utf-8")
            if line.startswith("  1  error"):
                break
        process.terminate()
    assert any(line.startswith("  1  passed") for line in said)


def test_init_overwrites_nothing(nnkit: Nnkit, shop: Workshop) -> None:
    Path("mine.py").write_text("mine", encoding="utf-8")
    status, _, err = nnkit("init", "mine.py")
    assert status == 2 and "is there already" in err
    assert Path("mine.py").read_text(encoding="utf-8") == "mine"
    status, _, err = nnkit("init", "mine")
    assert status == 2 and "ends in .py" in err


def test_reset_forgets_after_asking(nnkit: Nnkit, shop: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    nnkit(*RUN)
    monkeypatch.setattr("click.confirm", lambda question: False)
    assert nnkit("reset")[0] == 1 and shop.on_disk()
    assert nnkit("reset", "--yes")[0] == 0 and not shop.on_disk()


@pytest.mark.parametrize(("key", "status", "told"), [(EOFError, 2, "--yes"), (KeyboardInterrupt, 130, "interrupted")])
def test_reset_without_anybody_to_ask_says_what_to_do(
    nnkit: Nnkit, shop: Workshop, monkeypatch: pytest.MonkeyPatch, key: type[BaseException], status: int, told: str
) -> None:
    def answer(prompt: str) -> str:
        raise key

    nnkit(*RUN)
    monkeypatch.setattr("click.termui.visible_prompt_func", answer)
    code, _, err = nnkit("reset")
    assert code == status and told in err and len(shop.on_disk()) == 4


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("run", "my_netwrok.py", "--stages", "stages"), "did you mean my_network.py?"),
        (("run", "my_network.py", "--stages", "nowhere"), "no folder of stages"),
        ((*RUN, "--stage", "9"), "there is no stage 9: the last one is stage 4"),
        ((*RUN, "--stage", "1", "--until", "2"), "give one of them"),
        ((*RUN, "--seed", "-1"), "Invalid value for '--seed'"),
        ((*RUN, "--colour"), "No such option"),
        ((*RUN, "--reports", "my_network.py"), "cannot write my_network.py"),
        ((*RUN, "--json", "my_network.py/out.json"), "cannot write my_network.py"),
    ],
)
def test_wrong_use_is_explained_with_status_2(nnkit: Nnkit, words: tuple[str, ...], message: str) -> None:
    status, _, err = nnkit(*words)
    assert status == 2
    assert message in err


@pytest.mark.parametrize("step", ["mkdir", "replace", "open"])
def test_a_read_only_reports_folder_is_named_and_loses_nothing(
    nnkit: Nnkit, shop: Workshop, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    assert nnkit(*RUN, "--until", "2")[0] == 0

    original = getattr(Path, step)

    def read_only(self: Path, *arguments: object, **options: object) -> object:
        if "reports" in str(self) and (step != "open" or any(str(mode).startswith("w") for mode in arguments)):
            raise PermissionError(13, "Permission denied", str(self))
        return original(self, *arguments, **options)

    with monkeypatch.context() as patch:
        patch.setattr(Path, step, read_only)
        status, _, err = nnkit(*RUN)
    assert status == 2
    assert "cannot write" in err and "reports" in err and "--reports" in err and "Permission denied" in err
    assert shop.on_disk() == {1: "passed", 2: "passed"}
    assert nnkit(*RUN)[0] == 0


def test_a_network_that_cannot_be_imported_leaves_no_green_result(nnkit: Nnkit, shop: Workshop) -> None:
    nnkit(*RUN)
    (shop.reports / "stage-1.html").write_text("passed", encoding="utf-8")
    shop.write_network(text="import nowhere_to_be_found\n")
    status, _, err = nnkit(*RUN)
    assert status == 2 and "install nowhere_to_be_found" in err
    content = json.loads((shop.reports / "results.json").read_text(encoding="utf-8"))
    assert {stage["status"] for stage in content["stages"]} == {"stale"} and not content["passed"]
    assert not (shop.reports / "stage-1.html").exists()


@pytest.mark.parametrize(
    "error", [MnistUnavailable("looked in data"), DataDamaged("data/t10k.gz", "a whole file", "half of one")]
)
def test_data_that_cannot_be_had_is_told_with_status_2(
    nnkit: Nnkit, shop: Workshop, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(climb_data, "load_dataset", fail)
    status, out, _ = nnkit(*RUN, "--require-mnist")
    assert status == 2
    assert str(error) in out
    assert shop.on_disk() == {1: "passed", 2: "passed", 3: "blocked", 4: "blocked"}
    content = json.loads((shop.reports / "results.json").read_text(encoding="utf-8"))
    assert [stage["status"] for stage in content["stages"]] == ["passed", "passed", "blocked", "blocked"]


def test_a_damaged_record_is_noted(nnkit: Nnkit, shop: Workshop) -> None:
    nnkit(*RUN)
    (shop.reports / "ledger" / "stage-2.json").write_text("{", encoding="utf-8")
    status, out, err = nnkit(*RUN)
    assert status == 0
    assert "stage-2.json cannot be used" in err and re.search(r"2  passed +\d\.\d\d s", out)


def test_a_bug_in_nnkit_itself_is_no_verdict(nnkit: Nnkit, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise AssertionError("a bug")

    monkeypatch.setattr(cli, "climb", broken)
    status, _, err = nnkit(*RUN)
    assert status == 2 and "AssertionError: a bug" in err


def test_long_work_shows_lines_now_and_then_where_there_is_no_terminal(
    nnkit: Nnkit, shop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    from nnkit import terminal

    body = "@stage.check('c')\ndef c(lab):\n    list(lab.progress('abc', 'training'))\n"
    shop.write_stage(1, body + "    return at_most(0, 1, because='b', message='m')\n")
    assert nnkit(*RUN)[2] == ""
    monkeypatch.setattr(terminal, "_LINE_SECONDS", 0.0)
    assert nnkit(*RUN, "--force")[2].splitlines() == [f"  1  running   Title 1: training: {n} of 3" for n in range(4)]


def test_the_bar_of_a_terminal_is_ascii_and_is_taken_away(
    nnkit: Nnkit, shop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    from nnkit import terminal

    body = "@stage.check('c')\ndef c(lab):\n    list(lab.progress('abc', 'training'))\n"
    shop.write_stage(1, body + "    return at_most(0, 1, because='b', message='m')\n")
    monkeypatch.setattr(terminal, "_REDRAW_SECONDS", 0.0)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    _, out, err = nnkit(*RUN)
    assert "[##########....................]  1 of 3" in err and "1 of 3" not in out


def test_data_where_and_verify(nnkit: Nnkit, monkeypatch: pytest.MonkeyPatch) -> None:
    assert nnkit("data", "where") == (0, "digits: inside nnkit: no MNIST found\n  d\n", "")
    files = [
        FileReport(Path("a.gz"), 1000, "ok", "0", ""),
        FileReport(Path("b.gz"), None, "missing", None, "not there"),
    ]
    monkeypatch.setattr(cli, "verify", lambda directory: files)
    status, out, _ = nnkit("data", "verify")
    assert status == 1
    assert "ok             1,000 bytes  a.gz" in out and "b.gz: not there" in out
    monkeypatch.setattr(cli, "verify", lambda directory: files[:1])
    assert nnkit("data", "verify")[0] == 0
    monkeypatch.setattr(cli, "fetch", lambda directory: Path("cache"))
    assert nnkit("data", "fetch") == (0, "MNIST is in cache.\n", "")


def test_help_and_version(nnkit: Nnkit) -> None:
    assert "run" in nnkit()[1] and "--until" in nnkit("run", "--help")[1]
    assert re.match(r"nnkit (\d+\.|not installed)", nnkit("--version")[1])


def test_looking_needs_no_drawing_library() -> None:
    heavy = "{'matplotlib', 'jinja2', 'pooch', 'rich', 'filelock'}"
    code = f"import nnkit.cli, sys; print(sorted({heavy} & set(sys.modules)))"
    environment = {**os.environ, "PYTHONPATH": _root()}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment, check=True)
    assert done.stdout == "[]\n"


@pytest.mark.skipif(shutil.which("make") is None, reason="needs make")
@pytest.mark.parametrize(
    ("words", "command"),
    [
        (["stage-3"], "run --until 3"),
        (["all-stages"], "run"),
        (["stage-8", "NETWORK=a b.py:net", "SEED=4", "DATA=d", "FORCE=1"],
         'run "a b.py:net" --seed "4" --data-dir "d" --force --until 8'),
        (["stage-1", "FORCE=0"], "run --until 1"),
    ],
)  # fmt: skip
def test_make_targets_call_the_command(words: list[str], command: str) -> None:
    done = subprocess.run(["make", "-n", *words], cwd=_root(), capture_output=True, text=True, check=True)
    last = done.stdout.splitlines()[-1]
    assert re.sub(" +", " ", last).strip() == f"NNKIT_MAKE=1 .venv/bin/python -m nnkit {command}"


def _root() -> str:
    return str(Path(__file__).resolve().parents[1])


def test_causes_are_listed_by_area_and_by_word(nnkit: Nnkit) -> None:
    status, out, err = nnkit("causes")
    assert (status, err) == (0, "")
    lines = out.splitlines()
    assert lines[0] == "forward" and lines[1].split(maxsplit=1)[0] == "bias-not-added"
    assert len([line for line in lines if line.startswith("  ")]) == len(causes())
    _, out, _ = nnkit("causes", "loss")
    assert out.splitlines()[0] == "loss" and len(re.findall(r"(?m)^\S", out)) == 1, "an area comes before a word"
    _, out, _ = nnkit("causes", "Softmax")
    assert {"softmax-over-wrong-axis", "softmax-twice", "unstable-softmax"} <= set(out.split())


def test_a_cause_is_told_whole_side_by_side_where_there_is_room(nnkit: Nnkit, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "132")
    status, out, _ = nnkit("explain", "output-derivative-missing")
    one = causes()["output-derivative-missing"]
    assert status == 0 and out.startswith(one.title)
    assert re.search(r"(?m)^  Wrong +Right$", out)
    text = " ".join(out.split())
    assert all(part in text for part in (one.what, one.looks, one.fix, "S0.2: With squared error", "Nielsen 2015"))
    monkeypatch.setenv("COLUMNS", "60")
    _, out, _ = nnkit("explain", "output-derivative-missing")
    assert re.search(r"(?m)^  Wrong$", out) and re.search(r"(?m)^  Right$", out)
    assert all(f"    {line}\n" in out for line in [*one.wrong.splitlines(), *one.right.splitlines()])


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("explain", "derivative-aplied-twice"), "did you mean derivative-applied-twice"),
        (("causes", "forwrad"), "no cause mentions 'forwrad'"),
    ],
)
def test_a_cause_that_there_is_not_is_answered_with_near_ones(nnkit: Nnkit, words: tuple[str, ...], said: str) -> None:
    status, out, err = nnkit(*words)
    assert (status, out) == (2, "") and said in " ".join(err.split())
