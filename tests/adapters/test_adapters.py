from __future__ import annotations

import subprocess
import sys


def test_importing_the_package_imports_no_framework():
    code = "import sys, nnkit.adapters; print({'torch', 'jax', 'keras', 'sklearn'} & set(sys.modules))"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "set()"
