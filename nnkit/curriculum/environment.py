"""The machine and the versions that a result came from: for the page, and, in part, for its fingerprint."""

from __future__ import annotations

import platform
import sys
from functools import cache
from pathlib import Path

import numpy as np


@cache
def numeric_environment() -> dict[str, str]:
    """What can change the digits of a result: interpreter, NumPy, BLAS, platform. Name to version or description."""
    blas = np.show_config(mode="dicts").get("Build Dependencies", {}).get("blas", {})
    return {
        "python": platform.python_version(),
        "numpy": np.__version__,
        "blas": f"{blas.get('name', 'unknown')} {blas.get('version', '')}".strip(),
        "platform": f"{platform.system()} {platform.machine()}",
    }


@cache
def describe_environment() -> dict[str, str]:
    """`numeric_environment` and what a reader of a page wants besides: nnkit's version, system and processor."""
    return {"nnkit": nnkit_version(), **numeric_environment(), "system": platform.platform(), "processor": _processor()}


def nnkit_version() -> str:
    from importlib import metadata  # a twentieth of a second, for which an up-to-date run has no use

    try:
        return metadata.version("nnkit")
    except metadata.PackageNotFoundError:
        return "not installed"  # run from a checkout, by python -m nnkit


def _processor() -> str:
    if sys.platform == "linux":
        try:
            lines = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines()
        except OSError:
            lines = []
        for line in lines:
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()
