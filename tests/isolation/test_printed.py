from __future__ import annotations

import io
from collections.abc import Iterable

import pytest

from nnkit.isolation.printed import Printed

MARK = b"\x00mark\x01"


class Dripping(io.BytesIO):
    """Gives what it has in pieces of this size, whatever is asked for."""

    def __init__(self, content: bytes, size: int) -> None:
        super().__init__(content)
        self.size_of_piece = size

    def read1(self, size: int | None = -1) -> bytes:
        return super().read1(self.size_of_piece)


def passages(printed: Printed, n: int) -> Iterable[tuple[str, int]]:
    for _ in range(n):
        passage = printed.passage()
        yield passage.text(), passage.total


@pytest.mark.parametrize("size", [1, 2, 5, 6, 7, 1000])
def test_passages_are_told_apart_wherever_the_stream_is_cut(size: int) -> None:
    content = b"one\n" + MARK + MARK + b"three \x00mark" + MARK + b"\x00mar"
    printed = Printed(Dripping(content, size), MARK)
    assert list(passages(printed, 3)) == [("one\n", 4), ("", 0), ("three \\x00mark", 11)]
    rest = printed.rest()
    assert (rest.text(), rest.total) == ("\\x00mar", 4)


@pytest.mark.parametrize("size", [1000, 4096, 65536])
def test_of_a_flood_the_two_ends_are_kept_and_the_rest_is_counted(size: int) -> None:
    content = b"first" + b"x" * 1_000_000 + b"last"
    printed = Printed(Dripping(content + MARK, size), MARK)
    ((text, total),) = passages(printed, 1)
    assert total == len(content)
    assert text.startswith("firstxxx") and text.endswith("xxxlast")
    assert f"\n[... {len(content) - 2 * 4096:,} bytes left out ...]\n" in text
    assert text.count("x") == 2 * 4096 - len("firstlast")


@pytest.mark.parametrize("length", [4095, 4096, 4097, 8191, 8192])
def test_what_fits_is_kept_whole(length: int) -> None:
    content = (b"0123456789" * 820)[:length]
    printed = Printed(Dripping(content, 777), MARK)
    assert printed.rest().text() == content.decode()
