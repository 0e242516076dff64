"""An empty world around the tests: no data on this machine, no network, and a miniature to stand in for MNIST."""

from __future__ import annotations

from pathlib import Path

import pytest
from miniature import SmallMnist, make_small_mnist
from mirror import closed_port

from nnkit.datasets import download, mnist, places


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> SmallMnist:
    """The miniature stands in for MNIST."""
    miniature = make_small_mnist()
    monkeypatch.setattr(mnist, "FILES", miniature.files)
    return miniature


@pytest.fixture(autouse=True)
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty home, checkout and current directory; no variable set; mirrors that refuse the connection."""
    for variable in ("NNKIT_DATA", "NNKIT_OFFLINE", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(variable, raising=False)
        monkeypatch.delenv(variable.lower(), raising=False)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    for folder in ("checkout/stages", "here"):
        (tmp_path / folder).mkdir(parents=True)
    monkeypatch.setattr(places, "_ABOVE_PACKAGE", tmp_path / "checkout")
    monkeypatch.setattr(download, "MIRRORS", (f"http://127.0.0.1:{closed_port()}/mnist/",))
    monkeypatch.setattr(download, "_PROBE_SECONDS", 30.0)  # an upper bound only, so that a busy machine fails no test
    monkeypatch.chdir(tmp_path / "here")
    return tmp_path
