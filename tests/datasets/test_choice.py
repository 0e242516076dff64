from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from mirror import send, serving

from nnkit.datasets import (
    DataDamaged,
    MnistUnavailable,
    digits,
    download,
    load_dataset,
    locate_dataset,
    mnist,
    places,
)


@pytest.fixture
def network(small, monkeypatch):
    """A good mirror within reach."""
    with serving({"good": lambda request, name: send(request, small.zipped(name))}) as server:
        monkeypatch.setattr(download, "MIRRORS", (server.address("good"),))
        yield server


def write_raw(small, folder):
    folder.mkdir(parents=True)
    for file in small.files:
        (folder / file.name).write_bytes(small.content(file.name))


def spoil(folder: Path, how: str) -> Path:
    """Damage the training images of a folder."""
    path = folder / "train-images-idx3-ubyte.gz"
    stored = path.read_bytes()
    path.write_bytes({"cut short": stored[:-5], "web page": b"<html></html>", "raw header": b"\0\0\x08\x03"}[how])
    return path


DAMAGE = ["cut short", "web page", "raw header"]


def test_both_find_the_same_mnist(small, world):
    small.write(world / "here/data/mnist")
    data, location = load_dataset(), locate_dataset()
    assert data.is_mnist
    assert (data.name, data.fingerprint, data.source) == (location.name, location.fingerprint, location.source)
    assert location.files == tuple(world / "here/data/mnist" / f"{file.name}.gz" for file in small.files)
    assert str(world / "here/data/mnist") in data.source


def test_both_find_the_same_raw_files(small, world):
    write_raw(small, world / "named")
    data, location = load_dataset(world / "named"), locate_dataset(world / "named")
    assert (data.name, data.fingerprint, data.source) == (location.name, location.fingerprint, location.source)


def test_both_stand_in_the_same_digits_and_say_why(world):
    data, location = load_dataset(allow_download=False), locate_dataset()
    assert (data.name, data.is_mnist, location.name) == ("digits", False, "digits")
    assert data.fingerprint == location.fingerprint
    assert location.files == (digits.FILE,)
    for source in (data.source, location.source):
        assert source.startswith(digits.SOURCE)
        assert "MNIST not found: looked in " in source
        for place in ("checkout/data", "shared/data", "here/data"):
            assert str(world / place) in source
    assert data.source.endswith("; no download allowed.")
    assert location.source.endswith("; no download tried.")


def test_a_failed_download_is_told(small):
    data = load_dataset()
    assert not data.is_mnist
    assert "; download failed: 127.0.0.1:" in data.source
    assert data.fingerprint == locate_dataset().fingerprint


def test_offline_is_told(network, monkeypatch):
    monkeypatch.setenv("NNKIT_OFFLINE", "1")
    assert "download failed: NNKIT_OFFLINE is set" in load_dataset().source
    assert network.asked == []


def test_an_unwritable_cache_is_told(network, world):
    (world / "cache").write_bytes(b"a file where the folder should be")
    data = load_dataset()
    assert not data.is_mnist
    assert "download failed: cannot write to" in data.source


def test_a_cache_that_may_not_be_looked_into_is_told(small, monkeypatch):
    def forbidden(path):
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "is_file", forbidden)
    assert "download failed: " in load_dataset().source
    assert locate_dataset().name == "digits"


def test_mnist_is_downloaded_once_and_found_from_then_on(network, small):
    assert locate_dataset().name == "digits"
    assert network.asked == []  # to locate is never to download
    data = load_dataset()
    np.testing.assert_array_equal(data.labels_train, small.arrays["train-labels-idx1-ubyte"])
    assert len(network.asked) == 4
    assert locate_dataset().fingerprint == load_dataset().fingerprint == data.fingerprint
    assert len(network.asked) == 4


@pytest.mark.parametrize("how", DAMAGE)
def test_a_damaged_cache_is_mended_by_the_download(how, network, small):
    path = spoil(small.write(places.cache_directory()), how)
    data = load_dataset()
    assert data.is_mnist
    assert f" Passed over {path}: " in data.source
    assert locate_dataset().fingerprint == data.fingerprint


@pytest.mark.parametrize("how", DAMAGE)
def test_damage_in_a_place_that_nobody_named_is_passed_over_and_told(how, small, world):
    path = spoil(small.write(world / "checkout/data"), how)
    data, location = load_dataset(), locate_dataset()
    assert (data.name, location.name) == ("digits", "digits")
    small.write(world / "here/data")
    later, location_later = load_dataset(), locate_dataset()
    assert (later.name, later.fingerprint, later.source) == ("mnist", location_later.fingerprint, location_later.source)
    for told in (data, location, later, location_later):
        assert f" Passed over {path}: expected " in told.source


@pytest.mark.parametrize("how", DAMAGE)
@pytest.mark.parametrize("named_by", ["argument", "variable"])
def test_damage_in_a_place_that_the_user_named_is_an_error(how, named_by, network, small, world, monkeypatch):
    small.write(world / "here/data")
    path = spoil(small.write(world / "named"), how)
    if named_by == "variable":
        monkeypatch.setenv("NNKIT_DATA", str(world / "named"))
    argument = world / "named" if named_by == "argument" else None
    for choose in (load_dataset, locate_dataset):
        with pytest.raises(DataDamaged) as damage:
            choose(argument)
        assert damage.value.path == path
        assert "nnkit data fetch" in damage.value.remedy
    assert network.asked == []


def test_a_byte_altered_in_the_middle_never_lets_an_old_result_stand(small, world):
    folder = small.write(world / "checkout/data")
    whole = locate_dataset().fingerprint
    path = folder / "train-images-idx3-ubyte.gz"
    stored = path.read_bytes()
    middle = len(stored) // 2
    path.write_bytes(stored[:middle] + bytes([stored[middle] ^ 1]) + stored[middle + 1 :])
    data, location = load_dataset(), locate_dataset()
    assert data.name == "digits"
    assert location.fingerprint not in (whole, data.fingerprint)
    with pytest.raises(DataDamaged):
        load_dataset(folder)


def test_where_mnist_is_required_the_digits_do_not_do(small, world):
    path = spoil(small.write(world / "here/data"), "cut short")
    for choose in (load_dataset, locate_dataset):
        with pytest.raises(MnistUnavailable, match=f"MNIST not found: looked in .*Passed over {path}"):
            choose(require_mnist=True)
    small.write(world / "here/data")
    assert load_dataset(require_mnist=True).is_mnist
    assert locate_dataset(require_mnist=True).name == "mnist"


def test_where_mnist_is_required_it_is_downloaded(network):
    assert load_dataset(require_mnist=True).is_mnist


def test_what_is_imported_is_light():
    """Neither the download's libraries nor the pages' are paid for by those who want a truth table."""
    heavy = "{'pooch', 'requests', 'rich', 'matplotlib', 'jinja2', 'click'}"
    code = f"import sys, nnkit.datasets; print(*{heavy} & set(sys.modules))"
    run = subprocess.run(
        [sys.executable, "-c", code], check=True, cwd=Path(mnist.__file__).parents[2], capture_output=True, text=True
    )
    assert run.stdout.split() == []
