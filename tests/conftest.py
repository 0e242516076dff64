from __future__ import annotations

from pathlib import Path

import pytest
from workshop import FakeData, Workshop


@pytest.fixture
def workshop(tmp_path: Path) -> Workshop:
    """Four stages, all of which the network passes; the third uses data that need not exist."""
    shop = Workshop(tmp_path, data=FakeData())
    shop.write_network()
    shop.write_nnkit("precision = 1")
    for number in (1, 2, 3, 4):
        shop.write_stage(number, uses_data=number == 3)
    return shop
