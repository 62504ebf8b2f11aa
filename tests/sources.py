"""The project's Python files as syntax trees, for the tests that look at the code itself."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PEERS = ROOT / "benchmarks" / "peers"  # packages of others, installed there to be measured against


@dataclass(frozen=True)
class Source:
    """One Python file."""

    path: Path

    @cached_property
    def name(self) -> str:
        """Path within the project, with forward slashes."""
        return self.path.relative_to(ROOT).as_posix()

    @cached_property
    def text(self) -> str:
        return self.path.read_text(encoding="utf-8")

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text, self.name)

    @cached_property
    def room(self) -> str:
        """The folder under medtune, "medtune" for what lies directly in it, else the top folder or file."""
        parts = self.path.relative_to(ROOT).parts
        if parts[0] != "medtune":
            return parts[0]
        return parts[1] if len(parts) > 2 else "medtune"

    @cached_property
    def imports(self) -> tuple[tuple[int, str], ...]:
        """Line and full dotted name of everything imported, wherever in the file."""
        return tuple(self._imports())

    def _imports(self) -> Iterator[tuple[int, str]]:
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                yield from ((node.lineno, alias.name) for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                module = self._absolute(node)
                yield from ((node.lineno, f"{module}.{alias.name}") for alias in node.names)

    def _absolute(self, node: ast.ImportFrom) -> str:
        if not node.level:
            return node.module or ""
        folder = self.path.relative_to(ROOT).parent.parts
        base = folder[: len(folder) - node.level + 1]
        return ".".join([*base, *([node.module] if node.module else [])])

    @property
    def functions(self) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
        """Every function and method, nested ones too."""
        return (node for node in ast.walk(self.tree) if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)))


def sources(*tops: str) -> list[Source]:
    """The Python files in the folders and files named, sorted by name."""
    found = []
    for top in tops:
        path = ROOT / top
        found += [path] if path.is_file() else sorted(file for file in path.rglob("*.py") if PEERS not in file.parents)
    return [Source(path) for path in found]


CORE = sources("medtune")
DASHBOARD = sources("pages", "app.py")
PRODUCT = CORE + DASHBOARD
REST = sources("start.py", "benchmarks", "tests")
EVERYTHING = PRODUCT + REST
