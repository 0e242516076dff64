"""A Python file that nnkit was given: which files it is made of, their fingerprint, and how to run it.

It is made of itself and of the modules beside it that it imports, directly or not. They are found by reading, not by
running: a fingerprint must be had before, and cheaper than, importing. So an import whose name is computed at run time
is not seen, nor is a file of weights that the code loads.
"""

from __future__ import annotations

import ast
import hashlib
import os
import re
import sys
import types
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path


def local_modules(file: Path, root: Path) -> dict[str, Path]:
    """Name to path of `file` and of every module under `root` that it needs; `file` lies under it too.

    A file that is not valid Python is listed without its imports. Where `root` is a folder of installed packages, the
    file's own package is all that counts as local. Raises OSError where `file` cannot be read.
    """
    own = file.relative_to(root).parts[0] if root.name in ("site-packages", "dist-packages") else ""
    found = {_module_name(file, root): file}
    beside = _names_beside(root)
    waiting = [file]
    while waiting:
        current = waiting.pop()
        for name in _imported_names(current, root, beside):
            for module, path in modules_on_disk(name, root):
                if module not in found and (not own or module.split(".")[0] == own):
                    found[module] = path
                    waiting.append(path)
    return dict(sorted(found.items()))


def _module_name(file: Path, root: Path) -> str:
    parts = file.relative_to(root).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" and len(parts) > 1 else parts)


def _names_beside(root: Path) -> frozenset[bytes]:
    """The words that an import of something under `root` begins with, and some more."""
    return frozenset(name.partition(b".")[0] for name in os.listdir(os.fsencode(root)))  # noqa: PTH208 (bytes, and quicker)


def _imported_names(file: Path, root: Path, beside: frozenset[bytes]) -> tuple[str, ...]:
    """Those that may lead to a file under `root`, where the names `beside` are."""
    source, package = file.read_bytes(), file.relative_to(root).parent.parts
    # Parsing is what takes time here, and most files never so much as mention another one that is there. Letters beyond
    # ASCII may be others to Python, and in a package a name may be left out.
    if not package and source.isascii() and beside.isdisjoint(re.findall(rb"\w+", source)):
        return ()
    return _names_in(source, package)


@cache  # by content: every stage file asks for the same modules of nnkit, and an edited file is another content
def _names_in(source: bytes, package: tuple[str, ...]) -> tuple[str, ...]:
    """Absolute dotted names of everything that is imported anywhere in it; some may be names, not modules."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError):
        return ()
    names: list[str] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - (node.level - 1)] if node.level else ()
            origin = [*above, *([node.module] if node.module else [])]
            names += [".".join([*origin, alias.name]) for alias in node.names]
    return tuple(names)


def modules_on_disk(name: str, root: Path) -> Iterator[tuple[str, Path]]:
    """The modules under `root` that importing `name` runs: its packages from the outside in, then itself."""
    parts = name.split(".")
    for depth in range(1, len(parts) + 1):
        place = root.joinpath(*parts[:depth])
        for path in (place / "__init__.py", place.with_name(f"{place.name}.py")):
            if path.is_file():
                yield ".".join(parts[:depth]), path
                break


def fingerprint(files: Mapping[str, Path]) -> str:
    """SHA-256 (hex) of the names of these modules and the content of their files, wherever the files lie."""
    digest = hashlib.sha256()
    for module, path in sorted(files.items()):
        content = path.read_bytes()
        digest.update(f"{module} {len(content)}\n".encode())
        digest.update(content)
    return digest.hexdigest()


def run_file(file: Path) -> types.ModuleType:
    """Run a file as a module with a name of its own, so that two files of one name do not clash.

    It is compiled from its text, because stored bytecode is out of date, unnoticed, after an edit of equal length
    within the same second. Raises what the file raises.
    """
    name = f"nnkit_{hashlib.sha256(str(file).encode()).hexdigest()[:12]}_{file.stem}"
    module = types.ModuleType(name)
    module.__file__ = str(file)
    sys.modules[name] = module
    try:
        exec(compile(file.read_bytes(), file, "exec", dont_inherit=True), module.__dict__)
    except BaseException:
        del sys.modules[name]
        raise
    return module


def forget_others(files: Mapping[str, Path]) -> None:
    """Two folders may each have a layers.py: forget the other one, or what runs next from `files` would be given it."""
    for name, path in files.items():
        loaded = getattr(sys.modules.get(name), "__file__", None)
        if loaded is not None and name not in sys.stdlib_module_names and Path(loaded).resolve() != path.resolve():
            del sys.modules[name]
