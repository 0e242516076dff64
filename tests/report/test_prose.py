from __future__ import annotations

import pytest

from nnkit.report.prose import sentence


@pytest.mark.parametrize(
    ("text", "set_as"),
    [
        ("all agree", "All agree."),
        ("a line", "A line."),
        ("w1 is wrong.", "w1 is wrong."),
        ("x is right", "x is right."),
        ("gradients() says 3", "gradients() says 3."),
        ("`forward` forgot b", "<code>forward</code> forgot b."),
        ("why?", "Why?"),
        ("b <script>", "b &lt;script&gt;."),
        ("", ""),
    ],
)
def test_sentence(text: str, set_as: str) -> None:
    assert sentence(text) == set_as
