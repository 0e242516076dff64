"""Every network has results and pages of its own, whatever its file is called and wherever it lies."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from workshop import NETWORK

from nnkit.curriculum.folders import claim, folder_of, listed, owned_folders
from nnkit.curriculum.ledger import Ledger
from nnkit.subjects.load import SHARED, NetworkSource, locate


@pytest.fixture
def reports(tmp_path: Path) -> Path:
    return tmp_path / "reports"


def network(path: Path, attribute: str = "build") -> NetworkSource:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(NETWORK.format(value=1.0), encoding="utf-8")
    return locate(f"{path}:{attribute}")


def test_a_folder_is_called_after_the_file_and_the_builder(tmp_path: Path, reports: Path) -> None:
    assert folder_of(reports, locate(SHARED)) == reports
    assert folder_of(reports, network(tmp_path / "my_network.py")) == reports / "my_network"
    assert folder_of(reports, network(tmp_path / "my_network.py", "other")) == reports / "my_network-other"
    assert folder_of(reports, network(tmp_path / "a b.py")) == reports / "a_b"
    assert not reports.exists()  # asking claims nothing


def test_two_files_of_one_name_have_two_folders_and_keep_them(tmp_path: Path, reports: Path) -> None:
    first, second = network(tmp_path / "a" / "net.py"), network(tmp_path / "b" / "net.py")
    assert claim(reports, first) == reports / "net"
    other = claim(reports, second)
    assert other.parent == reports and other.name.startswith("net-")
    assert (claim(reports, first), claim(reports, second)) == (reports / "net", other)
    assert owned_folders(reports) == [reports / "net", other]


def test_names_that_the_reports_folder_needs_itself_are_not_given_away(tmp_path: Path, reports: Path) -> None:
    assert claim(reports, network(tmp_path / "ledger.py")).name.startswith("ledger-")
    assert claim(reports, network(tmp_path / "index.html.py")) == reports / "index_html"
    (reports / "net").write_text("somebody's own", encoding="utf-8")
    assert claim(reports, network(tmp_path / "net.py")).name.startswith("net-")


def test_a_folder_moves_with_the_project_and_is_free_once_its_network_is_gone(tmp_path: Path) -> None:
    project = tmp_path / "project"
    file = network(project / "net.py")
    assert claim(project / "reports", file) == project / "reports" / "net"
    shutil.copytree(project, tmp_path / "copy")
    copied = tmp_path / "copy"
    assert claim(copied / "reports", locate(str(copied / "net.py"))) == copied / "reports" / "net"
    (project / "net.py").unlink()
    assert claim(project / "reports", network(project / "moved" / "net.py")) == project / "reports" / "net"


def test_a_list_says_how_far_each_came(tmp_path: Path, reports: Path) -> None:
    folder = claim(reports, network(tmp_path / "net.py"))
    assert listed(reports) == []  # nothing ran
    stages = [
        {"number": n, "title": f"Title {n}", "status": status, "out_of_order": False}
        for n, status in enumerate(("passed", "failed", "blocked"), 1)
    ]
    (folder / "results.json").write_text(json.dumps({"stages": stages}), encoding="utf-8")
    (one,) = listed(reports)
    assert (one.name, one.folder, one.page) == ("net.py:build", "net", False)
    assert (one.status, one.stopped_at, one.title, one.passed, one.stages) == ("failed", 2, "Title 2", 1, 3)
    (folder / "results.json").write_text("{", encoding="utf-8")
    assert listed(reports) == []
    (folder / "ledger" / "stage-1.json").write_text("{", encoding="utf-8")
    assert [one.status for one in listed(reports)] == ["stale"]


def test_the_page_above_is_withdrawn_with_the_pages_of_the_network(tmp_path: Path, reports: Path) -> None:
    folder = claim(reports, network(tmp_path / "net.py"))
    pages = [reports / "index.html", folder / "index.html", folder / "stage-1.html", folder / "results.json"]
    kept = [reports / "stage-1.html", reports / "results.json"]
    for page in (*pages, *kept):
        page.write_text("passed", encoding="utf-8")
    Ledger(folder).withdraw_page(1)
    assert not any(page.exists() for page in pages) and all(page.exists() for page in kept)
