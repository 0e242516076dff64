"""From the words on the command line to the network under test.

    my_network.py:build      a file, and the function or class in it that makes a network
    my_network.py            the same: `build` is meant where nothing is said
    package.module:build     something importable, with the current folder on the path

Finding it (`locate`) and running it (`NetworkSource.load`) are apart, because whether anything changed since the last
pass is a question about files alone.
"""

from __future__ import annotations

import difflib
import importlib
import sys
import traceback
import types
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nnkit.subjects.source_files import fingerprint, forget_others, local_modules, modules_on_disk, run_file

#: the network that nnkit itself brings along
SHARED = "nnkit.subjects.shared:build"


class LoadError(Exception):
    """The network under test cannot be had: what was expected, what came, where, and what to do."""

    def __init__(self, problem: str, *, expected: str, came: str, where: str, remedy: str) -> None:
        super().__init__(problem, expected, came, where, remedy)
        self.problem, self.expected, self.came, self.where, self.remedy = problem, expected, came, where, remedy

    def __str__(self) -> str:
        return (
            f"{self.problem}\n  expected: {self.expected}\n  came:     {self.came}\n"
            f"  where:    {self.where}\n  do:       {self.remedy}"
        )


@dataclass(frozen=True)
class NetworkSource:
    """Where a network under test comes from.

    name: for pages and the terminal, such as "my_network.py:build"; argument: what finds it again from any folder;
    file: its source; attribute: the callable's name; root: the folder that its imports start from; module: its dotted
    name where it was given as one.
    """

    name: str
    argument: str
    file: Path
    attribute: str
    root: Path
    module: str = ""

    def files(self) -> dict[str, Path]:
        """Module name to path: the file, and those beside it that it imports. Raises LoadError where it is gone."""
        try:
            return local_modules(self.file, self.root)
        except OSError as error:
            raise _no_file(self.file, str(error.strerror or error)) from error

    def fingerprint(self) -> str:
        """SHA-256 (hex) of all these files, after the callable's name, since one file may hold several networks."""
        return f"{self.attribute} {fingerprint(self.files())}"

    def load(self) -> Callable[..., Any]:
        """Run the file and return its callable. Raises LoadError, with the user's own line where the file fails.

        The file's folder goes to the front of the import path and stays there, as when Python runs the file: networks
        may import inside their methods too.
        """
        module = self.run()
        found = getattr(module, self.attribute, None)
        where = self.file.name
        if not hasattr(module, self.attribute):
            raise LoadError(
                f"{where} has no {self.attribute}.",
                expected=f"a function or class {self.attribute} that makes a network: {self.attribute}(sizes, seed)",
                came=f"a file with {_callables(module) or 'no function or class of its own'}",
                where=str(self.file),
                remedy=_suggest(self.attribute, module, where),
            )
        if not callable(found):
            raise LoadError(
                f"{self.attribute} in {where} cannot be called.",
                expected=f"a function or class: nnkit builds many networks, each by {self.attribute}(sizes, seed)",
                came=f"an object of type {type(found).__name__}",
                where=str(self.file),
                remedy="name the class or a function that makes such an object",
            )
        return found  # type: ignore[no-any-return]

    def run(self) -> types.ModuleType:
        """Run the file; all that it defines. Raises LoadError as `load` does."""
        _first_on_path(self.root)
        forget_others(self.files())
        writes_bytecode, sys.dont_write_bytecode = sys.dont_write_bytecode, True  # leave no litter in people's folders
        try:
            return importlib.import_module(self.module) if self.module else run_file(self.file)
        except (Exception, SystemExit) as error:
            raise self._failed(error) from error
        finally:
            sys.dont_write_bytecode = writes_bytecode

    def _failed(self, error: BaseException) -> LoadError:
        own = {str(path) for path in self.files().values()}
        place, line = str(self.file), ""
        for frame in traceback.extract_tb(error.__traceback__):
            if frame.filename in own:
                place, line = f"{frame.filename}, line {frame.lineno}", frame.line or ""
        if isinstance(error, SyntaxError) and error.filename in own:
            place, line = f"{error.filename}, line {error.lineno}", (error.text or "").strip()
        reason = f"{type(error).__name__}: {error}"
        return LoadError(
            f"{self.file.name} cannot be imported: {reason}",
            expected="a file that Python can import",
            came=f"{reason}{f', at: {line}' if line else ''}",
            where=place,
            remedy=_remedy(error),
        )


def locate(text: str) -> NetworkSource:
    """Find what `text` names, without running it. Raises LoadError where there is no such file or module."""
    target, colon, attribute = text.rpartition(":")
    if not colon or not attribute.isidentifier():  # a path such as C:\\nets\\my_network.py, or nothing said
        target, attribute = text, "build"
    if target.endswith(".py") or Path(target).name != target:
        return _locate_file(Path(target).expanduser(), attribute)
    return _locate_module(target, attribute)


def _locate_file(path: Path, attribute: str) -> NetworkSource:
    if not path.is_file():
        raise _no_file(path, "a folder" if path.is_dir() else "no such file")
    path = path.resolve()
    return NetworkSource(f"{path.name}:{attribute}", f"{path}:{attribute}", path, attribute, path.parent)


def _locate_module(target: str, attribute: str) -> NetworkSource:
    """Python says where the outermost package lies; the rest is looked up on disk, since to ask Python would run it."""
    _first_on_path(Path.cwd())
    for root in _roots(target.partition(".")[0]):
        file = dict(modules_on_disk(target, root)).get(target)
        if file is not None:
            name = f"{target}:{attribute}"
            return NetworkSource(name, name, file, attribute, root, target)
    near = difflib.get_close_matches(f"{target}.py", _scripts(Path()), n=1)
    raise LoadError(
        f"There is no module {target}.",
        expected="my_network.py:build, or package.module:build",
        came=f"{target}:{attribute}",
        where=f"looked for in {Path.cwd()} and on Python's path",
        remedy=f"did you mean {near[0]}?" if near else "check the spelling; a file's name ends in .py",
    )


def _roots(name: str) -> list[Path]:
    """The folders that hold the top-level module or package of this name; none where it has no file."""
    specs = (finder.find_spec(name, None) for finder in sys.meta_path)
    spec = next((spec for spec in specs if spec is not None), None)
    if spec is None:
        return []
    file = [spec.origin] if spec.has_location and spec.origin else []
    return [Path(place).parent.resolve() for place in spec.submodule_search_locations or file]


def _no_file(path: Path, came: str) -> LoadError:
    folder = path.parent
    near = difflib.get_close_matches(path.name, _scripts(folder), n=1)
    return LoadError(
        f"There is no file {path}.",
        expected="a Python file with a function or class build(sizes, seed)",
        came=came,
        where=f"looked for in {folder.resolve()}",
        remedy=f"did you mean {folder / near[0]}?" if near else "check the spelling and the folder",
    )


def _scripts(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.glob("*.py")) if folder.is_dir() else []


def _callables(module: types.ModuleType) -> str:
    """The functions and classes that the module itself defines."""
    own = [
        name
        for name, value in vars(module).items()
        if callable(value) and not name.startswith("_") and getattr(value, "__module__", None) == module.__name__
    ]
    return ", ".join(own[:10])


def _suggest(attribute: str, module: types.ModuleType, where: str) -> str:
    own = _callables(module).split(", ")
    near = difflib.get_close_matches(attribute, own, n=1) or ([own[0]] if own != [""] and len(own) == 1 else [])
    return f"nnkit run {where}:{near[0]}" if near else f"add {attribute}, or name another one: {where}:NAME"


def _remedy(error: BaseException) -> str:
    if isinstance(error, ModuleNotFoundError):
        return f"install {error.name} into this Python ({sys.executable}), or correct the import"
    if isinstance(error, SystemExit):
        return "put what the file does as a program under: if __name__ == '__main__':"
    return "correct that line; `python FILE` should run without an error"


def _first_on_path(folder: Path) -> None:
    entry = str(folder)
    if sys.path[:1] != [entry]:
        sys.path[:] = [entry, *(other for other in sys.path if other != entry)]
