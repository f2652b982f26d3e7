"""Lines of gencmp's own source, read from its files: what a lesson shows is what runs, and a copy could not stay so.

The files are parsed, never imported, so no torch is loaded.
"""

from __future__ import annotations

import ast
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from gencmp.errors import GencmpError
from gencmp.files import PACKAGE


class SourceChanged(GencmpError):
    """A lesson asks for code that is no longer there."""


@dataclass(frozen=True)
class Statement:
    """text: its lines as they stand in the file, with a comment right above it. sets: the names that it gives a value, as
    they are written: "mean, log_var"; "return" of a return; "" of any other. line: where it stands."""

    text: str
    sets: str
    line: int


@dataclass(frozen=True)
class Excerpt:
    """Statements of one function, in order. head: its first line, `def ...:`. path, line: where that stands, or the one
    statement that was asked for."""

    path: str
    line: int
    name: str
    head: str
    statements: tuple[Statement, ...]


@cache
def excerpt(path: str, function: str, last: str = "", only: str = "") -> Excerpt:
    """A function without its docstring.

    path:     of the file, within the package: "models/vae.py".
    function: its name; of a method "Class.method".
    last:     the last statement to show, by what it sets; to the end when empty.
    only:     the one statement to show, by what it sets.
    Raises SourceChanged.
    """
    text = (PACKAGE / path).read_text("utf-8")
    found = _function(ast.parse(text), function, path)
    statements = tuple(_statements(found, text.splitlines()))
    names = [each.sets for each in statements]
    for wanted in filter(None, (last, only)):
        if wanted not in names:
            raise SourceChanged(f"gencmp/{path}: {function} sets {names}, this lesson wants {wanted!r} among them.")
    if only:
        statements = (statements[names.index(only)],)
    elif last:
        statements = statements[: names.index(last) + 1]
    head = text.splitlines()[found.lineno - 1 : found.body[0].lineno - 1]
    line = statements[0].line if only else found.lineno
    return Excerpt(f"gencmp/{path}", line, function, textwrap.dedent("\n".join(head)), statements)


def _function(tree: ast.Module, name: str, path: str) -> ast.FunctionDef:
    place: ast.AST = tree
    for part in name.split("."):
        inside = (each for each in ast.iter_child_nodes(place) if isinstance(each, ast.FunctionDef | ast.ClassDef))
        found = next((each for each in inside if each.name == part), None)
        if found is None:
            raise SourceChanged(f"gencmp/{path} has no {name}, which this lesson shows.")
        place = found
    assert isinstance(place, ast.FunctionDef)
    return place


def _statements(function: ast.FunctionDef, lines: list[str]) -> Iterator[Statement]:
    """A comment belongs to the statement below it."""
    body = function.body
    starts = body[0].end_lineno if ast.get_docstring(function) else body[0].lineno - 1
    for each in body[bool(ast.get_docstring(function)) :]:
        yield Statement(
            textwrap.dedent("\n".join(lines[starts : each.end_lineno])).strip("\n"), _sets(each), each.lineno
        )
        starts = each.end_lineno


def _sets(statement: ast.stmt) -> str:
    if isinstance(statement, ast.Return):
        return "return"
    if not isinstance(statement, ast.Assign):
        return ""
    return ast.unparse(statement.targets[0]).strip("()")
