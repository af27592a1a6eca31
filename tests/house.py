"""Figures of the package: files, lengths, own imports and names, held to bounds by test_house.

``python tests/house.py`` prints the table, ``python tests/house.py DIR`` that of another checkout,
``python tests/house.py --tree`` the tree that CONTRIBUTING.md shows.
"""

from __future__ import annotations

import ast
import functools
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent
QUESTION_WORDS = ("What", "How", "Whether", "Where", "Which", "Who")
# Functions that modules of one kind define under one name, since they are called through it.
SHARED_INTERFACES = {
    "build": "methods/classical: what a baseline's method.py passes on",
    "denoise": "methods/runs: of a store; hyperspy: of a signal, called through its module",
    "images": "micrographs/formats: each reader's own",
}


@dataclass(frozen=True, kw_only=True)
class House:
    """The modules of a package, parsed.

    Attributes
    ----------
    package : pathlib.Path
        Folder of the package.
    modules : mapping of str to ast.Module
        Dotted name, without the package's own, to what the file says; a folder's is the folder's.
    """

    package: Path
    modules: Mapping[str, ast.Module]

    def file(self, module: str) -> Path:
        """Return the file of a module."""
        path = self.package / module.replace(".", "/")
        return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")

    def files_per_folder(self) -> Counter[str]:
        """Count the Python files of each folder, its ``__init__.py`` included."""
        return Counter(
            path.parent.relative_to(self.package).as_posix() for path in self.package.rglob("*.py")
        )

    def own_imports(self, module: str) -> set[str]:
        """Return the modules of the package that one imports, anywhere in its file."""
        found = set()
        for node in ast.walk(self.modules[module]):
            if isinstance(node, ast.ImportFrom) and node.module:
                inner = {f"{node.module}.{alias.name}" for alias in node.names}
                found |= {self._own(name) for name in inner} or {self._own(node.module)}
            elif isinstance(node, ast.Import):
                found |= {self._own(alias.name) for alias in node.names}
        return {name for name in found if name is not None}

    def _own(self, dotted: str) -> str | None:
        """Return the module of the package that a dotted name is, or is defined in."""
        first, _, rest = dotted.partition(".")
        if first != self.package.name:
            return None
        while rest not in self.modules:
            rest = rest.rpartition(".")[0]
        return rest

    def mean_own_imports(self) -> float:
        """Return the mean over modules of the number of own modules imported."""
        return sum(len(self.own_imports(module)) for module in self.modules) / len(self.modules)

    def longest_files(self) -> list[tuple[int, str]]:
        """Return (lines, module), the longest first."""
        lengths = [
            (len(self.file(module).read_text(encoding="utf-8").splitlines()), module)
            for module in self.modules
        ]
        return sorted(lengths, reverse=True)

    def module_names_twice(self) -> dict[str, list[str]]:
        """Return names that two modules or folders have."""
        places = defaultdict(list)
        for module in filter(None, self.modules):
            places[module.rpartition(".")[2]].append(module)
        return _several({k: v for k, v in places.items() if not k.startswith("__")})

    def public_names_twice(self) -> dict[str, list[str]]:
        """Return public functions, classes and constants that two modules define.

        Commands apart: they are called as the functions that they run.
        """
        places = defaultdict(list)
        for module, tree in self.modules.items():
            if module.partition(".")[0] != "cli":
                for name in _defined(tree):
                    places[name].append(module)
        return _several({k: v for k, v in places.items() if k not in SHARED_INTERFACES})

    def question_docstrings(self) -> list[str]:
        """Return modules whose docstring opens with a question word."""
        texts = {module: ast.get_docstring(tree) or "" for module, tree in self.modules.items()}
        return [m for m, text in texts.items() if text.split(" ")[0] in QUESTION_WORDS]

    def entry(self, module: str) -> str | None:
        """Return a module's line in the map that its folder's docstring is; None without one."""
        folder, _, name = module.rpartition(".")
        for line in (ast.get_docstring(self.modules[folder]) or "").splitlines():
            if match := re.match(rf"[\s*-]*`?{name}`?/?:?\s+(.*)", line):
                return match.group(1)
        return None

    def unmapped(self) -> list[str]:
        """Return modules that the docstring of their folder does not name at a line's start."""
        mapped = filter(lambda m: m and not m.startswith("__"), self.modules)
        return [module for module in mapped if not self.entry(module)]

    def tree(self) -> str:
        """Return all maps as one indented tree."""
        lines = [f"{self.package.name}/"]
        for module in sorted(filter(None, self.modules)):
            indent, name = "  " * (module.count(".") + 1), module.rpartition(".")[2]
            slash = "/" if (self.package / module.replace(".", "/")).is_dir() else ""
            lines.append(f"{indent + name + slash:<28} {self.entry(module) or ''}".rstrip())
        return "\n".join(lines)


@functools.cache
def read(package: Path) -> House:
    """Parse a package."""
    modules = {}
    for path in sorted(package.rglob("*.py")):
        parts = path.relative_to(package).with_suffix("").parts
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        modules[name] = ast.parse(path.read_text(encoding="utf-8"))
    return House(package=package, modules=modules)


def _defined(tree: ast.Module) -> Iterator[str]:
    for node in tree.body:
        names = []
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            names = [node.name]
        elif isinstance(node, ast.Assign):
            names = [target.id for target in node.targets if isinstance(target, ast.Name)]
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            names = [node.target.id]
        yield from (name for name in names if not name.startswith("_"))


def _several(places: Mapping[str, list[str]]) -> dict[str, list[str]]:
    return {name: modules for name, modules in sorted(places.items()) if len(modules) > 1}


def table(house: House) -> str:
    """Return the figures as Markdown."""
    imports = {module: len(house.own_imports(module)) for module in house.modules}
    most = max(imports, key=lambda module: imports[module])
    fullest, files = house.files_per_folder().most_common(1)[0]
    lines, longest = house.longest_files()[0]
    rows = [
        ("modules", len(house.modules)),
        ("files in the fullest folder", f"{files} ({fullest})"),
        ("own imports per module, mean", f"{house.mean_own_imports():.2f}"),
        ("own imports per module, largest", f"{imports[most]} ({most})"),
        ("longest file", f"{lines} lines ({longest})"),
        ("module names that occur twice", _list(house.module_names_twice())),
        ("public names defined twice", _list(house.public_names_twice())),
        ("module docstrings that open with a question word", _list(house.question_docstrings())),
        ("modules that their folder's map lacks", _list(house.unmapped())),
    ]
    return "\n".join(["| figure | value |", "|---|---|", *(f"| {k} | {v} |" for k, v in rows)])


def _list(names: Iterable[str]) -> str:
    names = list(names)
    if not names:
        return "none"
    more = ", ..." if len(names) > 5 else ""
    return f"{len(names)}: {', '.join(names[:5])}{more}"


if __name__ == "__main__":
    folders = [Path(argument) for argument in sys.argv[1:] if not argument.startswith("-")]
    house = read((folders[0] if folders else ROOT) / "tembench")
    print(house.tree() if "--tree" in sys.argv else table(house))
