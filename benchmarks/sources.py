"""The sources of this house as syntax trees; nothing is imported."""

import ast
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Final

PACKAGES: Final = ("halflife", "schedules", "leaderboard", "harness", "evaluators", "data")
AROUND: Final = ("benchmarks", "tests")
"""Code that is not shipped: its formatter exceptions and its imports are looked at too."""

IMPORT: Final = "import_module"

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Module:
    """One source file and its syntax tree."""

    path: Path
    name: str

    @cached_property
    def text(self) -> str:
        """The source."""
        return self.path.read_text(encoding="utf-8")

    @cached_property
    def tree(self) -> ast.Module:
        """The syntax tree."""
        return ast.parse(self.text)

    @cached_property
    def nodes(self) -> Sequence[ast.AST]:
        """Every node of the syntax tree."""
        return list(ast.walk(self.tree))

    @cached_property
    def functions(self) -> list[Function]:
        """All functions and methods, inner ones too."""
        return [node for node in self.nodes if isinstance(node, Function)]

    @cached_property
    def imports(self) -> list[str]:
        """The dotted names that are imported; `from a import b` gives `a.b`, `import_module("a")` gives `a`."""
        return list(self._imported())

    def _imported(self) -> Iterator[str]:
        for node in self.nodes:
            if isinstance(node, ast.Import):
                yield from (alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                yield from (f"{node.module}.{alias.name}" for alias in node.names)
            elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == IMPORT:
                yield from (name.value for name in node.args[:1] if isinstance(name, ast.Constant))


def modules(root: Path, packages: Iterable[str] = PACKAGES) -> list[Module]:
    """Return the modules below the folders `packages` of `root`, by path; each file is read and parsed once."""
    paths = sorted(path for package in packages for path in (root / package).rglob("*.py"))
    return [_module(path, ".".join(path.relative_to(root).with_suffix("").parts)) for path in paths]


_module = cache(Module)
