from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import settings
from workshop import FakeData, Workshop

# The same examples every time, and none failed for being slow on a busy machine: a test that passes, passes always.
settings.register_profile("nnkit", derandomize=True, deadline=None)
settings.load_profile("nnkit")


@pytest.fixture
def workshop(tmp_path: Path) -> Workshop:
    """Four stages, all of which the network passes; the third uses data that need not exist."""
    shop = Workshop(tmp_path, data=FakeData())
    shop.write_network()
    shop.write_nnkit("precision = 1")
    for number in (1, 2, 3, 4):
        shop.write_stage(number, uses_data=number == 3)
    return shop
