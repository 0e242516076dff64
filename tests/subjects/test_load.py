from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from nnkit.subjects.load import LoadError, locate

GOOD = "def build(sizes, seed):\n    return (sizes, seed)\n\nclass Net:\n    pass\n\nmade = Net()\n"


@pytest.fixture(autouse=True)
def _same_path_afterwards(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Each test starts in a folder with one good network, and leaves import path and modules as they were."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    (tmp_path / "my_network.py").write_text(GOOD, encoding="utf-8")
    before = set(sys.modules)
    yield
    for name in set(sys.modules) - before:
        del sys.modules[name]


def write(path: str, text: str) -> None:
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    Path(path).write_text(text, encoding="utf-8")


def refused(text: str) -> str:
    """The message of a network that cannot be had; each has all four parts."""
    with pytest.raises(LoadError) as caught:
        locate(text).load()
    message = str(caught.value)
    assert [line.split(":")[0].strip() for line in message.splitlines()[-4:]] == ["expected", "came", "where", "do"]
    return message


@pytest.mark.parametrize(
    "text", ["my_network.py", "my_network.py:build", "./my_network.py", "my_network", "my_network:build"]
)
def test_a_network_is_found_by_file_and_by_module(text: str) -> None:
    assert locate(text).load()((2, 1), 7) == ((2, 1), 7)


def test_a_class_will_do(tmp_path: Path) -> None:
    assert locate(f"{tmp_path / 'my_network.py'}:Net").load().__name__ == "Net"


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("my_network.py", "my_network.py:build"),
        ("my_network.py:Net", "my_network.py:Net"),
        ("my_network", "my_network:build"),
    ],
)
def test_the_name_for_pages_holds_no_path(tmp_path: Path, text: str, name: str) -> None:
    assert locate(text).name == name
    if text.endswith(".py"):
        assert locate(str(tmp_path / text)).name == name
    assert locate(locate(text).argument).name == name


def test_a_module_in_a_package_is_found_without_importing_its_parents() -> None:
    write("pack/__init__.py", "raise AssertionError('imported too early')\n")
    write("pack/inner/net.py", "from ..layers import size\ndef build(sizes, seed):\n    return size\n")
    write("pack/layers.py", "size = 3\n")
    source = locate("pack.inner.net")
    assert list(source.files()) == ["pack", "pack.inner.net", "pack.layers"]
    write("pack/__init__.py", "")
    assert source.load()((2, 1), 0) == 3


def test_a_package_may_hold_the_network_itself() -> None:
    write("pack/__init__.py", "from . import layers\ndef build(sizes, seed):\n    return layers.size\n")
    write("pack/layers.py", "size = 4\n")
    assert list(locate("pack").files()) == ["pack", "pack.layers"]
    assert locate("pack").load()((2, 1), 0) == 4


def test_the_files_of_a_network_are_those_beside_it_that_it_needs() -> None:
    write("net.py", "import os, numpy\nfrom layers import Dense\ndef build(s, i):\n    from deep import inner\n")
    write("layers.py", "import math_parts.sums as s, net\nclass Dense: ...\n")
    write("math_parts/sums.py", "")
    write("math_parts/products.py", "")
    write("deep/__init__.py", "")
    write("deep/inner.py", "this is not Python")
    write("numpy_like.py", "")
    assert list(locate("net.py").files()) == ["deep", "deep.inner", "layers", "math_parts.sums", "net"]


def test_installed_packages_beside_an_installed_network_are_not_its_own() -> None:
    write("site-packages/mine/net.py", "import other\nfrom mine import layers\n")
    write("site-packages/mine/layers.py", "")
    write("site-packages/other.py", "")
    sys.path.insert(0, "site-packages")
    assert list(locate("mine.net").files()) == ["mine.layers", "mine.net"]


def test_every_byte_of_every_file_counts_in_the_fingerprint() -> None:
    write("net.py", "import layers\n")
    write("layers.py", "a = 1\n")
    first = locate("net.py").fingerprint()
    write("layers.py", "a = 2\n")
    assert locate("net.py").fingerprint() != first
    write("layers.py", "a = 1\n")
    assert locate("net.py").fingerprint() == first
    assert locate("net.py:other").fingerprint() != first


def test_an_edit_of_equal_length_is_seen_at_once() -> None:
    for value in (1, 2):
        write("my_network.py", f"import layers\ndef build(sizes, seed):\n    return {value} + layers.size\n")
        write("layers.py", "size = 0\n")
        assert locate("my_network.py").load()(None, 0) == value
    assert not Path("__pycache__").exists()


def test_two_networks_with_files_of_one_name_get_their_own() -> None:
    for folder, size in (("a", 1), ("b", 2)):
        write(f"{folder}/net.py", "import layers\ndef build(sizes, seed):\n    return layers.size\n")
        write(f"{folder}/layers.py", f"size = {size}\n")
    assert [locate(f"{folder}/net.py").load()(None, 0) for folder in "aba"] == [1, 2, 1]


def test_a_network_may_import_late() -> None:
    write("sub/net.py", "def build(sizes, seed):\n    import late_layers\n    return late_layers.size\n")
    write("sub/late_layers.py", "size = 5\n")
    assert locate("sub/net.py").load()(None, 0) == 5


def test_a_dataclass_in_a_network_finds_its_module() -> None:
    write(
        "net.py",
        "from __future__ import annotations\nfrom dataclasses import dataclass, KW_ONLY\n\n"
        "@dataclass\nclass build:\n    sizes: tuple[int, ...]\n    _: KW_ONLY\n    seed: int\n",
    )
    assert locate("net.py").load()((2, 1), seed=1).seed == 1


def test_annotations_are_what_the_file_itself_says() -> None:
    write("net.py", "def build(sizes: tuple, seed: int):\n    return build.__annotations__['seed']\n")
    assert locate("net.py").load()(None, 0) is int


def test_a_missing_file_is_told_with_one_that_is_nearly_it() -> None:
    message = refused("my_netwrok.py:build")
    assert "There is no file my_netwrok.py." in message and "did you mean my_network.py?" in message
    assert "check the spelling" in refused("quite_different/thing.py")
    assert "a folder" in refused(".")
    assert "There is no module my_netwrok." in refused("my_netwrok")
    assert "There is no module os.nothing" in refused("os.nothing:build")
    assert "There is no module sys" in refused("sys")  # built in: there is no file to test


def test_a_missing_name_is_told_with_what_there_is() -> None:
    message = refused("my_network.py:biuld")
    assert "has no biuld" in message and "a file with build, Net" in message
    assert "nnkit run my_network.py:build" in message
    write("empty.py", "import os\n")
    assert "no function or class of its own" in refused("empty.py")


def test_what_cannot_be_called_is_told_with_its_type() -> None:
    message = refused("my_network.py:made")
    assert "cannot be called" in message and "an object of type Net" in message


@pytest.mark.parametrize(
    ("text", "line", "problem", "remedy"),
    [
        ("import numpy\nimport layerz\n", 2, "ModuleNotFoundError: No module named 'layerz'", "install layerz"),
        ("x = 1\ny = x / 0\n", 2, "ZeroDivisionError: division by zero, at: y = x / 0", "correct that line"),
        ("def build(:\n", 1, "SyntaxError", "correct that line"),
        ("import sys\nsys.exit(3)\n", 2, "SystemExit: 3", "__main__"),
        ("import json\njson.loads('{')\n", 2, "JSONDecodeError", "at: json.loads('{')"),
        ("import broken_layers\n", 1, "NameError", "broken_layers.py, line 1"),
    ],
)
def test_a_file_that_fails_is_told_with_the_users_own_line(text: str, line: int, problem: str, remedy: str) -> None:
    write("broken.py", text)
    write("broken_layers.py", "undefined\n")
    message = refused("broken.py")
    assert "broken.py cannot be imported" in message and problem in message and remedy in message
    assert f"line {line}" in message


def test_a_file_that_is_gone_is_told_too() -> None:
    source = locate("my_network.py")
    Path("my_network.py").unlink()
    with pytest.raises(LoadError, match="There is no file"):
        source.fingerprint()


def test_a_file_of_another_encoding_and_one_with_zero_bytes_are_told() -> None:
    Path("latin.py").write_bytes(b"word = 'caf\xe9'\ndef build(s, i): ...\n")
    assert "SyntaxError" in refused("latin.py")
    Path("zero.py").write_bytes(b"def build(s, i): ...\x00\n")
    assert "cannot be imported" in refused("zero.py")
    Path("declared.py").write_bytes(b"# -*- coding: latin-1 -*-\n# caf\xe9\ndef build(s, i): return 1\n")
    assert locate("declared.py").load()(None, 0) == 1


def test_links_are_followed_to_the_files_beside_the_real_one() -> None:
    write("real/net.py", "import layers\ndef build(sizes, seed):\n    return layers.size\n")
    write("real/layers.py", "size = 6\n")
    Path("linked.py").symlink_to("real/net.py")
    Path("linked").symlink_to("real")
    for text in ("linked.py", "linked/net.py", "linked.net"):
        source = locate(text)
        assert [path.name for path in source.files().values()][-1] == "net.py"
    Path("real/outside.py").symlink_to("../my_network.py")
    assert locate("real.outside").load()(1, 2) == (1, 2)
