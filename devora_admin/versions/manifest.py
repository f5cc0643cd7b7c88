"""A manifest: which files a project has at one time, by path and content hash."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from devora_admin.core import raw_bson
from devora_admin.core.raw_bson import DOCUMENT, Element
from devora_admin.projects.languages import language_of

Sha = bytes
"""SHA-256, 32 bytes."""
Kind = Literal["text", "raw"]
_STRING = 0x02
_PLAIN = (["name", "content"], ["name", "content", "language"])


@dataclass(frozen=True, slots=True)
class Entry:
    path: str
    sha: Sha
    size: int
    """Bytes of the content as UTF-8."""
    language: str = ""
    """As stored; "" when the file says none."""
    shape: Sha | None = None
    """Of the file's other fields, kept as a blob; None when there are none."""
    kind: Kind = "text"
    """raw: what is stored is no text file. Its blob is the whole entry as BSON."""

    @property
    def shown_language(self) -> str:
        return (self.language or language_of(self.path))[:40]

    def stored(self) -> dict[str, Any]:
        row: dict[str, Any] = {"p": self.path, "h": self.sha, "s": self.size}
        if self.language:
            row["l"] = self.language
        if self.shape:
            row["x"] = self.shape
        if self.kind != "text":
            row["k"] = self.kind
        return row


def from_stored(row: dict[str, Any]) -> Entry:
    return Entry(row["p"], row["h"], row["s"], row.get("l", ""), row.get("x"), row.get("k", "text"))


def sha_of(data: bytes) -> Sha:
    return hashlib.sha256(data).digest()


@dataclass(frozen=True, slots=True)
class Read:
    """A file as it was read, with the contents its entry names."""

    entry: Entry
    contents: dict[Sha, bytes]


def read_file(element: Element, index: int) -> Read:
    """element: one of `files`, whatever it holds."""
    plain = _plain(element)
    if plain is None:
        data = raw_bson.build([element.named("file")])
        entry = Entry(f"files[{index}]", sha_of(data), len(data), kind="raw")
        name = _name_of(element)
        if name:
            entry = Entry(name, entry.sha, entry.size, kind="raw")
        return Read(entry, {entry.sha: data})
    name, content, parts = plain
    contents = {sha_of(content): content}
    shape = None
    keys = [part.name for part in parts]
    language = next((_text_of(part) for part in parts if part.name == "language"), None) or ""
    if keys not in _PLAIN or (len(keys) == 3 and not language):
        emptied = [_emptied(part) if part.name in ("name", "content") else part for part in parts]
        data = raw_bson.build(emptied)
        shape = sha_of(data)
        contents[shape] = data
    return Read(Entry(name, sha_of(content), len(content), language, shape), contents)


def _plain(element: Element) -> tuple[str, bytes, list[Element]] | None:
    """Name, content and all fields of a file that has a name and a text."""
    if element.kind != DOCUMENT:
        return None
    parts = raw_bson.elements(element.data)
    found = {part.name: part for part in parts}
    name, content = found.get("name"), found.get("content")
    if len(found) < len(parts) or name is None or content is None:
        return None
    path = _text_of(name)
    return (path, text_bytes(content), parts) if path and content.kind == _STRING else None


def _name_of(element: Element) -> str:
    if element.kind != DOCUMENT:
        return ""
    named = (_text_of(part) for part in raw_bson.elements(element.data) if part.name == "name")
    return next(named, None) or ""


def _text_of(part: Element) -> str | None:
    """None for another type, and for bytes that are no UTF-8, which a str would not keep."""
    if part.kind != _STRING:
        return None
    try:
        return text_bytes(part).decode()
    except UnicodeDecodeError:
        return None


def text_bytes(content: Element) -> bytes:
    """A string's bytes, without BSON's length and end."""
    return content.data[4:-1]


def _emptied(part: Element) -> Element:
    return raw_bson.element("", part.name)


def with_text(entry: Entry, content: bytes) -> Entry:
    """The same file with another text; its other fields stay."""
    return Entry(entry.path, sha_of(content), len(content), entry.language, entry.shape)


def written(entry: Entry, contents: dict[Sha, bytes]) -> Element:
    """The file as it stood in the project, byte for byte."""
    content = contents[entry.sha]
    if entry.kind == "raw":
        return raw_bson.elements(content)[0]
    text = _text("content", content)
    name = raw_bson.element(entry.path, "name")
    if entry.shape is None:
        parts = [name, text]
        if entry.language:
            parts.append(raw_bson.element(entry.language, "language"))
    else:
        replaced = {"name": name, "content": text}
        parts = [replaced.get(part.name, part) for part in raw_bson.elements(contents[entry.shape])]
    return Element(DOCUMENT, "", raw_bson.build(parts))


def _text(name: str, data: bytes) -> Element:
    """As bytes: what is no UTF-8 stays what it is."""
    return Element(_STRING, name, len(data + b"\0").to_bytes(4, "little") + data + b"\0")


def refs_of(files: Sequence[Entry], metadata: Sha | None) -> list[Sha]:
    """Every content a version needs, each once."""
    found = {entry.sha: None for entry in files}
    found.update({entry.shape: None for entry in files if entry.shape})
    if metadata:
        found[metadata] = None
    return list(found)
