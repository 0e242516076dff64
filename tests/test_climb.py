"""The real stages, from the command line, as a user meets them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
EXAMPLE = (ROOT / "examples" / "numpy_network.py").read_text(encoding="utf-8")
RIGHT = "delta = (delta @ self.weights[layer].T) * (1 - a * a)"


def nnkit(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "NNKIT_OFFLINE": "1", "NNKIT_DATA": "", "PYTHONUTF8": "1"}
    return subprocess.run(
        [sys.executable, "-m", "nnkit", *arguments],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        encoding="utf-8",
    )


def statuses(folder: Path) -> list[str]:
    results = json.loads((folder / "reports" / "my_network" / "results.json").read_text(encoding="utf-8"))
    return [stage["status"] for stage in results["stages"]]


def test_a_bug_in_the_backward_pass_stops_the_climb_and_its_mending_lets_it_go_on(tmp_path: Path) -> None:
    network = tmp_path / "my_network.py"
    network.write_text(EXAMPLE, encoding="utf-8")
    passed = nnkit(tmp_path, "run", "my_network.py", "--until", "5")
    assert passed.returncode == 0, passed.stdout + passed.stderr
    assert statuses(tmp_path) == ["passed"] * 5 + ["not-run"] * 3

    assert RIGHT in EXAMPLE
    network.write_text(EXAMPLE.replace(RIGHT, "delta = delta @ self.weights[layer].T"), encoding="utf-8")
    failed = nnkit(tmp_path, "run", "my_network.py", "--until", "5")
    assert failed.returncode == 1
    assert "delta of layer 2" in failed.stdout and "still right: b3, W3" in failed.stdout
    assert statuses(tmp_path) == ["passed"] * 3 + ["failed"] + ["blocked"] * 4
    page = (tmp_path / "reports" / "my_network" / "stage-5.html").read_text(encoding="utf-8")
    assert "<title>Stage 5 is blocked" in page or "<title>Stage 5 blocked" in page, page[:600]

    network.write_text(EXAMPLE, encoding="utf-8")
    mended = nnkit(tmp_path, "run", "my_network.py", "--until", "5")
    assert mended.returncode == 0
    assert statuses(tmp_path)[:5] == ["passed"] * 5


def test_what_is_undeclared_is_read_off_what_the_network_does(tmp_path: Path) -> None:
    lines = ("self.hidden =", "self.loss_function =")  # it uses self.output itself
    text = "".join(part for part in EXAMPLE.splitlines(keepends=True) if not any(line in part for line in lines))
    (tmp_path / "my_network.py").write_text(text, encoding="utf-8")
    done = nnkit(tmp_path, "run", "my_network.py", "--until", "5", "--no-report")
    assert done.returncode == 0, done.stdout
    assert statuses(tmp_path)[:5] == ["passed"] * 5
