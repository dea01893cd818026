"""The figures of the house itself: how long its functions are, which rooms import which, what stands twice.

`python -m benchmarks.figures [--json]` reads the sources with `ast` and imports none of them.
"""

import ast
import doctest
import json
import re
import statistics
import sys
import tokenize
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from benchmarks.dependencies import undeclared, unused
from benchmarks.options import parse, parser
from benchmarks.sources import AROUND, Function, Module, modules

LONGEST_MODULE: Final = 250
MOST_PARAMETERS: Final = 6
EMPTY_NAMES: Final = ("one", "found", "held", "told", "said")
"""Names that say nothing about what they stand for."""

FORMATTER_EXCEPTION: Final = re.compile(r"#\s*fmt:\s*(skip|off)\b")
TYPE_NAME: Final = re.compile(r"_?[A-Z][A-Za-z0-9]*[a-z][A-Za-z0-9]*")


def collect(root: Path) -> dict[str, Any]:
    """Return all figures of the tree at `root` by name."""
    shipped, around = modules(root), modules(root, AROUND)
    routing = [module for module in shipped if module.name.startswith("leaderboard.routing.")]
    return {
        "production files": len(shipped),
        "lines": sum(module.text.count("\n") for module in shipped),
        "body lines": body_lines(shipped),
        f"modules over {LONGEST_MODULE} lines": long_modules(shipped),
        "formatter exceptions": sum(formatter_exceptions(module.path) for module in (*shipped, *around)),
        "imports inside functions": sum(inner_imports(module) for module in shipped),
        "[str, Any] in leaderboard/routing": sum(module.text.count("[str, Any]") for module in routing),
        "string subscripts in leaderboard/routing": sum(string_subscripts(module) for module in routing),
        "doctests": sum(doctests(module) for module in shipped),
        **{f"rooms of {package}": rooms(root, package) for package in ("leaderboard", "harness", "halflife", "data")},
        "names with several meanings": repeated_names(shipped),
        "empty names": empty_names(shipped),
        f"public functions over {MOST_PARAMETERS} parameters": long_signatures(shipped),
        "imported but not declared": undeclared(root, shipped, around),
        "declared but not used": unused(root, shipped),
    }


def body_lines(shipped: Iterable[Module]) -> dict[str, float]:
    """Return median, 90th and 99th percentile and maximum of the lines of function bodies, docstrings left out."""
    lengths = sorted(_body_length(function) for module in shipped for function in module.functions)
    if len(lengths) < 2:
        return {}
    percentiles = statistics.quantiles(lengths, n=100, method="inclusive")
    return {
        "median": statistics.median(lengths),
        "p90": percentiles[89],
        "p99": percentiles[98],
        "max": lengths[-1],
    }


def long_modules(shipped: Iterable[Module]) -> dict[str, int]:
    """Return the modules that are over the limit, with their lines."""
    lengths = {module.name: module.text.count("\n") for module in shipped}
    return {name: lines for name, lines in lengths.items() if lines > LONGEST_MODULE}


def formatter_exceptions(path: Path) -> int:
    """Return how many comments of a file switch the formatter off."""
    if "fmt:" not in path.read_text(encoding="utf-8"):
        return 0  # to take a file apart into tokens is slow
    with tokenize.open(path) as file:
        tokens = tokenize.generate_tokens(file.readline)
        return sum(
            token.type == tokenize.COMMENT and FORMATTER_EXCEPTION.search(token.string) is not None for token in tokens
        )


def inner_imports(module: Module) -> int:
    """Return how many import statements stand inside functions."""
    inner = {
        id(node)
        for function in module.functions
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom)
    }
    return len(inner)


def string_subscripts(module: Module) -> int:
    """Return how many subscripts are string literals (`row["model"]`)."""
    return sum(
        isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant) and isinstance(node.slice.value, str)
        for node in module.nodes
    )


def doctests(module: Module) -> int:
    """Return how many docstrings of a module, its classes and its functions hold examples, as pytest collects them."""
    parser, count, open_nodes = doctest.DocTestParser(), 0, [module.tree]
    while open_nodes:
        node: Any = open_nodes.pop()
        count += bool(parser.get_examples(ast.get_docstring(node) or ""))
        if not isinstance(node, Function):
            open_nodes += [child for child in node.body if isinstance(child, Function | ast.ClassDef)]
    return count


def rooms(root: Path, package: str) -> dict[str, Any]:
    """Return a package's rooms (its direct children), which of them are single modules, the arrows and the cycles."""
    edges: dict[str, set[str]] = {}
    for module in modules(root, [package]):
        parts = module.name.split(".")
        if parts[1] == "__init__":
            continue
        imported = {name.split(".")[1] for name in module.imports if name.startswith(f"{package}.")}
        edges.setdefault(parts[1], set()).update(imported - {parts[1]})
    edges = {room: targets & edges.keys() for room, targets in edges.items()}
    return {
        "rooms": len(edges),
        "loose modules": sorted(room for room in edges if (root / package / f"{room}.py").is_file()),
        "arrows": sum(map(len, edges.values())),
        "cycles": cycles(edges),
    }


def cycles(edges: Mapping[str, set[str]]) -> list[list[str]]:
    """Return the groups of rooms that reach each other.

    >>> cycles({"a": {"b"}, "b": {"a", "c"}, "c": set()})
    [['a', 'b']]
    """
    reached = {room: _reachable(edges, room) for room in edges}
    groups = {tuple(sorted(other for other in reached[room] if room in reached[other])) for room in edges}
    return [list(group) for group in sorted(groups) if len(group) > 1]


def repeated_names(shipped: Iterable[Module]) -> dict[str, list[str]]:
    """Return the names of classes and type aliases that several modules define, with those modules."""
    places: dict[str, list[str]] = defaultdict(list)
    for module in shipped:
        for name in {_defined(node) for node in module.tree.body} - {None}:
            places[str(name)].append(module.name)
    return {name: where for name, where in sorted(places.items()) if len(where) > 1}


def empty_names(shipped: Iterable[Module]) -> dict[str, int]:
    """Return how often each name that says nothing is bound: assigned, looped over, or a parameter."""
    names = [
        node.id if isinstance(node, ast.Name) else node.arg
        for module in shipped
        for node in module.nodes
        if isinstance(node, ast.arg) or (isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store))
    ]
    return {name: names.count(name) for name in EMPTY_NAMES}


def long_signatures(shipped: Iterable[Module]) -> dict[str, int]:
    """Return the public functions and methods with more parameters than the limit; `self` and `cls` do not count."""
    counted = {
        f"{module.name}.{function.name}": _parameters(function)
        for module in shipped
        for function in module.functions
        if not function.name.startswith("_") or function.name in ("__init__", "__call__")
    }
    return {name: count for name, count in counted.items() if count > MOST_PARAMETERS}


def _body_length(function: Function) -> int:
    body = function.body[1:] if ast.get_docstring(function) is not None else function.body
    if not body or function.end_lineno is None:
        return 0
    decorators: list[ast.expr] = getattr(body[0], "decorator_list", [])
    return function.end_lineno - min([body[0].lineno, *(decorator.lineno for decorator in decorators)]) + 1


def _reachable(edges: Mapping[str, set[str]], start: str) -> set[str]:
    reached, todo = set[str](), [start]
    while todo:
        new = edges[todo.pop()] - reached
        reached |= new
        todo += new
    return reached


def _defined(node: ast.stmt) -> str | None:
    """Return the class or the type alias that a statement defines, if it does."""
    if isinstance(node, ast.ClassDef):
        return node.name
    if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
        name = node.targets[0].id
        if isinstance(node.value, ast.Subscript | ast.BinOp) and TYPE_NAME.fullmatch(name):
            return name
    return None


def _parameters(function: Function) -> int:
    positional = [argument.arg for argument in (*function.args.posonlyargs, *function.args.args)]
    return len(positional) - (positional[:1] in (["self"], ["cls"])) + len(function.args.kwonlyargs)


def _lines(figures: Mapping[str, Any]) -> Iterator[str]:
    for name, value in figures.items():
        if isinstance(value, Mapping):
            count = "" if name.startswith(("body", "rooms", "empty")) else str(len(value))
            yield f"{name:44} {count}".rstrip()
            yield from (f"    {key:40} {_text(detail)}" for key, detail in value.items())
        else:
            yield f"{name:44} {_text(value)}"


def _text(value: Any) -> str:
    if not isinstance(value, list):
        return f"{value:g}" if isinstance(value, float) else str(value)
    return ", ".join(" <-> ".join(item) if isinstance(item, list) else str(item) for item in value) or "none"


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the figures of this checkout as a table, or as JSON."""
    options = parse(parser(__doc__), arguments)
    figures = collect(Path(__file__).parents[1])
    print(json.dumps({"figures": figures}, indent=1) if options.json else "\n".join(_lines(figures)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
