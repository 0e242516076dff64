from __future__ import annotations

import pytest

from nnkit.datasets import places, verify


def test_each_file_has_its_report(small, world):
    folder = small.write(world / "named/mnist")
    train_images, train_labels, test_images, test_labels = (folder / f"{file.name}.gz" for file in small.files)
    train_labels.write_bytes(b"<html>Sign in to continue</html>")
    test_images.unlink()
    test_labels.unlink()
    test_labels.with_suffix("").write_bytes(small.content(small.files[3].name))

    images, page, missing, raw = verify(world / "named")

    assert (images.path, images.status, images.problem) == (train_images, "ok", "")
    assert (images.size, images.sha256) == (train_images.stat().st_size, small.files[0].sha256)
    assert (page.path, page.size, page.status, page.sha256) == (train_labels, 32, "damaged", None)
    assert "web page" in page.problem
    assert (missing.path, missing.size, missing.status, missing.sha256) == (test_images, None, "missing", None)
    assert (raw.path, raw.status, raw.sha256) == (test_labels.with_suffix(""), "ok", small.files[3].sha256)


def test_without_a_directory_the_first_place_with_any_file_is_verified(small, world):
    assert [report.status for report in verify()] == ["missing"] * 4
    assert {report.path.parent for report in verify()} == {places.cache_directory()}
    small.write(places.cache_directory())
    folder = small.write(world / "here/data")
    (folder / f"{small.files[0].name}.gz").unlink()
    assert [report.status for report in verify()] == ["missing", "ok", "ok", "ok"]
    assert {report.path.parent for report in verify()} == {folder}


@pytest.mark.parametrize("named", ["nowhere", "here"])
def test_a_named_directory_without_data_is_reported_not_replaced(named, small, world):
    small.write(world / "here/data")
    assert [report.status for report in verify(world / named)] == ["missing"] * 4
