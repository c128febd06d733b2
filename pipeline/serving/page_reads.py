"""Which page asks which table, read off the functions of serving that the page's script calls and the SELECTs these use.

Nothing is kept by hand. A test opens every page and compares this with what the governed door saw.
"""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path
from typing import NamedTuple

from pipeline.governance.metadata import tables_read
from pipeline.settings import REPOSITORY

PAGES, SERVING = REPOSITORY / "pages", "pipeline.serving"


class Question(NamedTuple):
    """One SELECT of a page, and the tables it reads."""

    sql: str
    tables: tuple[str, ...]

    def names(self, column: str) -> bool:
        """Whether it names a column, or takes all of them."""
        words = self.sql
        for sign in ",().\n":
            words = words.replace(sign, " ")
        return column in words.split() or "*" in words.split()


class Symbol(NamedTuple):
    """A name at the top of a file."""

    path: Path
    name: str


@cache
def questions_of_pages() -> dict[str, tuple[Question, ...]]:
    """By page key (trust/data_quality), every question that its script can ask through serving."""
    scripts = sorted(path for path in PAGES.glob("*/*.py") if path.parent.name != "frame" and path.name != "__init__.py")
    return {f"{path.parent.name}/{path.stem}": _questions(path) for path in scripts}


def _questions(script: Path) -> tuple[Question, ...]:
    """From the functions that the script imports to all that they use; a text that a script itself takes is shown, not asked."""
    waiting = [symbol for symbol in _imports(script).values() if isinstance(_defined(symbol), ast.FunctionDef)]
    seen: set[Symbol] = set()
    while waiting:
        symbol = waiting.pop()
        if symbol not in seen:
            seen.add(symbol)
            waiting.extend(_used(symbol))
    texts = [text for symbol in sorted(seen) if (text := _text(symbol))]
    return tuple(Question(text, tables) for text in texts if (tables := tables_read(text)))


def _used(symbol: Symbol) -> list[Symbol]:
    """The names at the top of files of serving that one of them uses: its own file's, imported ones, those of imported modules."""
    node, imports = _defined(symbol), _imports(symbol.path)
    if node is None:
        return [imports[symbol.name]] if symbol.name in imports else []
    names = {one.id for one in ast.walk(node) if isinstance(one, ast.Name)}
    used = [imports.get(name, Symbol(symbol.path, name)) for name in names]
    dotted = [one for one in ast.walk(node) if isinstance(one, ast.Attribute) and isinstance(one.value, ast.Name)]
    for one in dotted:
        module = _module(imports[one.value.id]) if one.value.id in imports else None
        used += [Symbol(module, one.attr)] if module else []
    return used


@cache
def _imports(path: Path) -> dict[str, Symbol]:
    """The names that a file takes from serving."""
    froms = [node for node in ast.walk(_tree(path)) if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(SERVING)]
    files = {node.module: _file(node.module) for node in froms}
    return {alias.asname or alias.name: Symbol(files[node.module], alias.name) for node in froms for alias in node.names}


@cache
def _defined(symbol: Symbol) -> ast.stmt | None:
    for node in _tree(symbol.path).body:
        names = [target.id for target in getattr(node, "targets", []) if isinstance(target, ast.Name)]
        if symbol.name in (*names, getattr(node, "name", None)):
            return node
    return None


def _module(symbol: Symbol) -> Path | None:
    """The file of a name that is a module of a package."""
    path = symbol.path.with_name(f"{symbol.name}.py")
    return path if symbol.path.name == "__init__.py" and path.exists() else None


def _file(module: str) -> Path:
    path = REPOSITORY.joinpath(*module.split("."))
    return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")


def _text(symbol: Symbol) -> str:
    """A constant that holds text; an f-string with the constants that are put into it, and nothing where it takes another value."""
    node = _defined(symbol)
    if node is None:
        imported = _imports(symbol.path).get(symbol.name, symbol)
        return "" if imported == symbol else _text(imported)  # a package's module stands for itself
    value = node.value if isinstance(node, ast.Assign) else None
    return "".join(_part(part, symbol.path) for part in (value.values if isinstance(value, ast.JoinedStr) else [value]))


def _part(part: ast.expr | None, path: Path) -> str:
    if isinstance(part, ast.FormattedValue) and isinstance(part.value, ast.Name):
        return _text(Symbol(path, part.value.id))
    return part.value if isinstance(part, ast.Constant) and isinstance(part.value, str) else ""


@cache
def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))
