"""A project's files as a folder tree, flat, so that a template needs one loop to draw it."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import urlencode

from devora_admin.projects.queries.detail import FileRow

OPEN_UP_TO = 60
"""Files; in a larger project only the outermost folders start open."""

DEEPEST = 100
"""Folders within one another; what lies deeper is named by the rest of its path."""


@dataclass(frozen=True, slots=True)
class _Look:
    icon: str
    languages: str


_LOOKS = (
    _Look(icon="filetype-tsx", languages="typescript typescriptreact tsx ts"),
    _Look(icon="filetype-jsx", languages="javascriptreact jsx"),
    _Look(icon="filetype-js", languages="javascript js"),
    _Look(icon="filetype-json", languages="json jsonc"),
    _Look(icon="filetype-css", languages="css less"),
    _Look(icon="filetype-scss", languages="scss sass"),
    _Look(icon="filetype-html", languages="html vue svelte"),
    _Look(icon="filetype-md", languages="markdown md"),
    _Look(icon="filetype-mdx", languages="mdx"),
    _Look(icon="filetype-py", languages="python py"),
    _Look(icon="filetype-yml", languages="yaml yml"),
    _Look(icon="filetype-sql", languages="sql prisma"),
    _Look(icon="filetype-sh", languages="shell bash sh dockerfile"),
    _Look(icon="filetype-xml", languages="xml"),
    _Look(icon="filetype-svg", languages="svg"),
    _Look(icon="filetype-rb", languages="ruby"),
    _Look(icon="filetype-php", languages="php"),
    _Look(icon="filetype-java", languages="java kotlin"),
    _Look(icon="filetype-cs", languages="csharp"),
    _Look(icon="filetype-txt", languages="plaintext text"),
)
_ICONS = {language: look.icon for look in _LOOKS for language in look.languages.split()}
_OTHER = _Look(icon="file-earmark-code", languages="").icon


def icon_of(language: str) -> str:
    return _ICONS.get(language.lower(), _OTHER)


@dataclass(frozen=True, slots=True)
class TreeRow:
    """open and close enclose what a folder holds."""

    kind: Literal["open", "close", "file"]
    label: str = ""
    file: FileRow | None = None
    files_count: int = 0
    size_bytes: int = 0
    is_open: bool = False
    query: str = ""
    """What asks for the file: by its name, or by its position when it has none."""

    @property
    def title(self) -> str:
        return f"{self.file.name[:300]} ({self.file.language})" if self.file else ""

    @property
    def icon_name(self) -> str:
        return icon_of(self.file.language) if self.file else ""


@dataclass(slots=True)
class _Folder:
    folders: dict[str, "_Folder"] = field(default_factory=dict)
    files: list[tuple[str, FileRow]] = field(default_factory=list)
    count: int = 0
    size_bytes: int = 0


def file_tree(
    files: Iterable[FileRow],
    rest: Iterable[tuple[str, int]] = (),
    *,
    query: Mapping[str, str] | None = None,
) -> list[TreeRow]:
    """rest: name and size of files that are not drawn, but count in the folders that are.

    query: what each row's query says besides the file.
    """
    root = _Folder()
    for each in files:
        _place(root, each)
    for name, size_bytes in rest:
        _count(root, name, size_bytes)
    return list(_rows(root, depth=0, all_open=root.count <= OPEN_UP_TO, query=query or {}))


def _place(root: _Folder, file: FileRow) -> None:
    steps = [step for step in file.name.split("/") if step] or [f"files[{file.index}]"]
    folders, name = steps[:-1][:DEEPEST], "/".join(steps[:-1][DEEPEST:] + steps[-1:])
    at = root
    for step in (None, *folders):
        if step is not None:
            at = at.folders.setdefault(step, _Folder())
        at.count += 1
        at.size_bytes += file.size_bytes or 0
    at.files.append((name, file))


def _count(root: _Folder, name: str, size_bytes: int) -> None:
    at: _Folder | None = root
    steps = iter([step for step in name.split("/") if step][:-1][:DEEPEST])
    while at is not None:
        at.count += 1
        at.size_bytes += size_bytes
        at = at.folders.get(next(steps, ""))


def _rows(
    folder: _Folder, *, depth: int, all_open: bool, query: Mapping[str, str]
) -> Iterator[TreeRow]:
    for label, inner in sorted(folder.folders.items(), key=_natural):
        label, inner = _joined(label, inner)
        yield TreeRow(
            "open", label, files_count=inner.count, size_bytes=inner.size_bytes,
            is_open=all_open or depth == 0,
        )  # fmt: skip
        yield from _rows(inner, depth=depth + 1, all_open=all_open, query=query)
        yield TreeRow("close")
    for label, file in sorted(folder.files, key=_natural):
        yield TreeRow("file", label[:120], file=file, query=_query(file, query))


def _query(file: FileRow, more: Mapping[str, str]) -> str:
    own = {"file": file.name} if file.name else {"at": str(file.index)}
    return "?" + urlencode({**more, **own})


def _natural(named: tuple[str, object]) -> list[str]:
    """An order in which page2 stands before page10."""
    return [
        step.zfill(12) if step.isdigit() else step for step in re.split(r"(\d+)", named[0].lower())
    ]


def _joined(label: str, folder: _Folder) -> tuple[str, _Folder]:
    """Folders that hold one folder and nothing else are one row: app/api/tasks."""
    while not folder.files and len(folder.folders) == 1:
        [(inner, folder)] = folder.folders.items()
        label = f"{label}/{inner}"
    return label, folder
