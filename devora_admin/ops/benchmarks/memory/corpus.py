"""Real code and what people wrote about it: functions of the packages that are installed here, each
without its docstring, and the docstring's first sentence as the question that should find it."""

import ast
import hashlib
import re
import sysconfig
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_LINES = range(3, 61)
_WORDS = range(4, 41)
_MOST_CHARACTERS = 2000
_SENTENCE = re.compile(r"(?<=[.!?])\s")
_NOT_PEOPLE = re.compile(r"(^|/)(tests?|testing|_vendor|vendor|stubs)(/|$)|\.pyi$|test_")


@dataclass(frozen=True, slots=True)
class Function:
    path: str
    symbol: str
    line: int
    text: str
    """Without its docstring, not indented."""
    question: str


def functions(limit: int, *, folder: Path | None = None) -> list[Function]:
    """The same ones each time for the same packages, spread over all of them.

    No two have the same text or the same question, so that each question has one right answer.
    """
    folder = folder or Path(sysconfig.get_path("purelib"))
    paths = [path for path in folder.rglob("*.py") if not _NOT_PEOPLE.search(_under(folder, path))]
    paths.sort(key=lambda path: hashlib.sha256(_under(folder, path).encode()).digest())
    found: list[Function] = []
    questions: set[str] = set()
    texts: set[str] = set()
    for path in paths:
        for function in _functions_in(path, _under(folder, path)):
            if function.question.lower() in questions or function.text in texts:
                continue
            questions.add(function.question.lower())
            texts.add(function.text)
            found.append(function)
            if len(found) == limit:
                return found
    return found


def _under(folder: Path, path: Path) -> str:
    return path.relative_to(folder).as_posix()


def _functions_in(path: Path, name: str) -> Iterator[Function]:
    try:
        source = path.read_text("utf-8")
        tree = ast.parse(source)
    except (OSError, ValueError, SyntaxError, RecursionError):
        return
    lines = source.splitlines()
    for node in ast.walk(tree):
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) or len(node.body) < 2:
            continue
        question = _first_sentence(ast.get_docstring(node) or "")
        text = _without_docstring(node, lines)
        if (
            len(question.split()) in _WORDS
            and len(text.splitlines()) in _LINES
            and len(text) <= _MOST_CHARACTERS
        ):
            yield Function(name, node.name, node.lineno, text, question)


def _first_sentence(docstring: str) -> str:
    paragraph = " ".join(docstring.split("\n\n", 1)[0].split())
    return _SENTENCE.split(paragraph, maxsplit=1)[0]


def _without_docstring(node: ast.FunctionDef | ast.AsyncFunctionDef, lines: list[str]) -> str:
    told = node.body[0]
    kept = lines[node.lineno - 1 : told.lineno - 1] + lines[told.end_lineno : node.end_lineno]
    return textwrap.dedent("\n".join(kept)).strip("\n")
