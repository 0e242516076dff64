from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from nnkit.datasets import DataDamaged, places


def find(directory=None):
    """The folder in which a search finds MNIST, or None."""
    return places.search(directory, lambda files: files[0].parent).result


def in_order(world: Path) -> list[Path]:
    return [
        world / "checkout/data",
        world / "shared/data",
        world / "here/data",
        places.cache_directory(),
    ]


def test_places_are_tried_in_order(small, world):
    assert find() is None
    for place in reversed(in_order(world)):
        small.write(place)
        assert find() == place


def test_the_checkout_counts_only_if_it_is_one(small, world):
    small.write(world / "checkout/data")
    (world / "checkout/stages").rmdir()
    assert find() is None


def test_the_argument_comes_before_the_variable_and_the_variable_before_all_else(small, world, monkeypatch):
    small.write(world / "checkout/data")
    monkeypatch.setenv("NNKIT_DATA", str(small.write(world / "variable")))
    assert find() == world / "variable"
    assert find(small.write(world / "argument")) == world / "argument"
    assert find(str(world / "argument")) == world / "argument"
    monkeypatch.setenv("NNKIT_DATA", "")
    assert find() == world / "checkout/data"


def test_a_tilde_is_the_home_directory(small, world):
    small.write(world / "home/digits")
    assert find("~/digits") == world / "home/digits"


@pytest.mark.parametrize("inside", ["", "mnist", "MNIST/raw"])
def test_customary_folders_inside_a_place(inside, small, world):
    assert find(small.write(world / "named" / inside) and world / "named") == world / "named" / inside


@pytest.mark.parametrize("spelling", ["{}", "{}.gz", "dotted", "dotted.gz"])
def test_spellings_of_the_names(spelling, small, world):
    folder = world / "named"
    folder.mkdir()
    for file in small.files:
        dotted = file.name.replace("-idx", ".idx")  # train-images.idx3-ubyte
        stored = small.zipped(file.name) if spelling.endswith(".gz") else small.content(file.name)
        (folder / spelling.format(file.name).replace("dotted", dotted)).write_bytes(stored)
    assert find(folder) == folder


@pytest.mark.parametrize("index", range(4))
def test_one_of_four_missing(index, small, world):
    folder = small.write(world / "shared/data")
    name = small.files[index].name
    (folder / f"{name}.gz").unlink()
    small.write(world / "here/data")
    # Nobody named the place: the next one serves, and the result says what was passed over.
    found = places.search(None, lambda files: files[0].parent)
    assert found.result == world / "here/data"
    assert found.remark == f" Passed over {folder}: expected the four files of MNIST, found no {name}."
    # The user named it: an error, though there is whole data elsewhere.
    with pytest.raises(DataDamaged, match=f"{folder}: expected the four files of MNIST, found no {name}"):
        find(folder)


def test_a_named_place_without_data_is_an_error(small, world, monkeypatch):
    small.write(world / "here/data")
    (world / "empty").mkdir()
    with pytest.raises(DataDamaged, match=r"found no train-images.*, train-labels.*, t10k-images.*, t10k-labels"):
        find(world / "empty")
    monkeypatch.setenv("NNKIT_DATA", str(world / "nowhere"))
    with pytest.raises(DataDamaged, match=f"{world / 'nowhere'}: .*no such directory"):
        find()


def test_files_that_the_examiner_refuses_are_passed_over_or_raised(small, world):
    def refuse_shared(files):
        if "shared" in str(files[0]):
            raise DataDamaged(files[0], "better", "worse")
        return files[0].parent

    small.write(world / "shared/data")
    assert places.search(None, refuse_shared).result is None
    small.write(places.cache_directory())
    found = places.search(None, refuse_shared)
    assert found.result == places.cache_directory()
    assert "expected better, found worse" in found.remark
    assert found.looked_in == tuple(in_order(world))
    with pytest.raises(DataDamaged, match="expected better"):
        places.search(world / "shared/data", refuse_shared)


def test_a_folder_in_place_of_a_file_is_no_file(small, world):
    """As some tools unpack: train-images-idx3-ubyte/train-images-idx3-ubyte."""
    folder = small.write(world / "named")
    name = small.files[0].name
    (folder / f"{name}.gz").unlink()
    (folder / name).mkdir()
    with pytest.raises(DataDamaged, match=f"found no {name}"):
        find(folder)


def test_a_place_that_may_not_be_looked_into(small, world, monkeypatch):
    def forbidden(path):
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "is_file", forbidden)
    with pytest.raises(DataDamaged, match="readable directory, found Permission denied"):
        find(world / "here")
    assert places.search(None, lambda files: files).remark.count("Permission denied") == 4


def test_the_same_place_is_not_tried_twice(small, world, monkeypatch):
    monkeypatch.chdir(world / "checkout")
    assert [place.path for place in places.places()].count(world / "checkout/data") == 1


def test_the_fullest_folder_is_the_one_that_counts(small, world):
    place = world / "named"
    small.write(place / "mnist")
    shutil.copy(place / "mnist" / f"{small.files[3].name}.gz", place)
    assert find(place) == place / "mnist"
