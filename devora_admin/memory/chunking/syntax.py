"""Blocks of code by its syntax, where there is a grammar for it."""

from collections.abc import Iterator
from functools import cache
from importlib import import_module
from typing import Any

from tree_sitter import Language, Node, Parser

from devora_admin.memory.chunking.blocks import Block
from devora_admin.memory.chunking.piece import AIM_CHARACTERS

# Language as projects.languages names it → package and function of its grammar.
_GRAMMARS = {
    "python": ("tree_sitter_python", "language"),
    "javascript": ("tree_sitter_javascript", "language"),
    # A superset of TypeScript but for `<T>value` casts, which few write.
    "typescript": ("tree_sitter_typescript", "language_tsx"),
    "go": ("tree_sitter_go", "language"),
    "rust": ("tree_sitter_rust", "language"),
    "java": ("tree_sitter_java", "language"),
    "ruby": ("tree_sitter_ruby", "language"),
    "php": ("tree_sitter_php", "language_php"),
}
MOST_BYTES = 400_000
_DEEPEST = 6
_LONGEST_NAME = 120
_NAMELESS = ("import", "use_declaration", "jsx")
_COMMENTS = ("#", "//", "/*", "*")
_WRAPPERS = {"export_statement", "decorated_definition", "lexical_declaration", "program",
    "variable_declaration", "type_declaration", "ambient_declaration"}  # fmt: skip


def knows(language: str) -> bool:
    return language in _GRAMMARS


def blocks(text: str, language: str) -> list[Block]:
    """Functions, classes and whatever else stands beside them, large ones in parts.

    text: with "\\n" between its lines, up to `MOST_BYTES` of UTF-8.
    """
    tree = _parser(language).parse(text.encode())
    lines = text.split("\n")
    borders: dict[int, str] = {}
    for start, symbol in _borders(tree.root_node, "", 0):
        borders.setdefault(_with_comments(lines, start), symbol)
    return _between(borders, len(lines))


@cache
def _parser(language: str) -> Parser:
    module, function = _GRAMMARS[language]
    grammar: Any = getattr(import_module(module), function)()
    return Parser(Language(grammar))


def _with_comments(lines: list[str], start: int) -> int:
    """A comment goes with what follows it."""
    while start and lines[start - 1].lstrip().startswith(_COMMENTS):
        start -= 1
    return start


def _between(borders: dict[int, str], lines: int) -> list[Block]:
    """Each border's line begins a block, which ends where the next begins."""
    starts = sorted({0, *borders} - {lines})
    ends = [*starts[1:], lines]
    return [
        Block(start, end, borders.get(start, "")) for start, end in zip(starts, ends, strict=True)
    ]


def _borders(node: Node, within: str, depth: int) -> Iterator[tuple[int, str]]:
    """First lines of blocks with their symbols."""
    last_line = -1
    for child in node.named_children:
        start = child.start_point[0]
        is_new_line, last_line = start != last_line, child.end_point[0]
        if "comment" in child.type or not is_new_line:
            continue
        symbol = ".".join(filter(None, (within, _name(child, depth))))
        yield start, symbol
        if child.end_byte - child.start_byte > AIM_CHARACTERS and depth < _DEEPEST:
            for line, inner in _borders(_body(child), symbol, depth + 1):
                if line > start:
                    yield line, inner


def _body(node: Node) -> Node:
    """What holds the statements of a definition, within its wrappers."""
    while node.type in _WRAPPERS and node.named_children:
        inner = node.child_by_field_name("declaration") or node.child_by_field_name("definition")
        node = inner or node.named_children[-1]
    if value := node.child_by_field_name("value"):  # const Page = () => { … }
        node = value
    return node.child_by_field_name("body") or node


def _name(node: Node, depth: int) -> str:
    """Of a definition. Variables of a function are none."""
    while node.type in _WRAPPERS and node.named_children:
        if depth and "variable" in node.type + node.named_children[-1].type:
            return ""
        inner = node.child_by_field_name("declaration") or node.child_by_field_name("definition")
        node = inner or node.named_children[-1]
    if any(word in node.type for word in _NAMELESS):
        return ""
    found = node.child_by_field_name("name")
    return (found.text or b"").decode("utf-8", "replace")[:_LONGEST_NAME] if found else ""
