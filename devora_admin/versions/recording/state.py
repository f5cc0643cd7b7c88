"""What a project holds: its manifest and metadata, and how a change moves them on."""

from dataclasses import dataclass, field
from typing import Any

from devora_admin.core import raw_bson
from devora_admin.core.raw_bson import ARRAY, Element
from devora_admin.versions import manifest
from devora_admin.versions.manifest import Entry, Sha
from devora_admin.versions.recording.told import Told, as_element

WHOLE = "files"
"""The path of the one entry that stands for a list of files that is no list."""


@dataclass(slots=True)
class State:
    files: list[Entry] = field(default_factory=list)
    metadata: Sha | None = None
    fresh: dict[Sha, bytes] = field(default_factory=dict)
    """Contents that came with changes, and may be in no blob."""

    def move(self, told: Told) -> bool:
        """False when it cannot be done from what is told: then nothing has changed."""
        if told.needs_reading:
            return False
        files = self._moved(told)
        if files is None:
            return False
        self.files = files
        if told.metadata or told.metadata_gone:
            self.read_metadata(told.metadata)
        return True

    def _moved(self, told: Told) -> list[Entry] | None:
        if told.is_removed:
            return []
        if not told.files and told.cut_to is None:
            return self.files
        files = list(self.files)
        if told.cut_to is not None:
            del files[told.cut_to :]
        # A whole list first, so that what is set within it comes after.
        for path, value in sorted(told.files, key=lambda pair: len(pair[0].split("."))):
            if path == "files":
                files = self.read(value)
            elif not self._set(files, path.split(".")[1:], value):
                return None
        return files

    def _set(self, files: list[Entry], keys: list[str], value: Any) -> bool:
        place = int(keys[0]) if keys[0].isdigit() else -1
        if not 0 <= place <= len(files) or _is_no_list(files):
            return False
        if len(keys) == 1:
            entry = self._file(as_element(value), place)
            files[place : place + 1] = [entry]
            return True
        if len(keys) > 2 or place == len(files) or files[place].kind != "text":
            return False
        if not raw_bson.is_text(value):
            return False
        changed = self._with(files[place], keys[1], value)
        if changed is None:
            return False
        files[place] = changed
        return True

    def _with(self, entry: Entry, key: str, value: str) -> Entry | None:
        if key == "content":
            data = value.encode("utf-8", "surrogatepass")
            changed = manifest.with_text(entry, data)
            self.fresh[changed.sha] = data
            return changed
        if key == "name" and value:
            return Entry(value, entry.sha, entry.size, entry.language, entry.shape)
        if key == "language" and value and entry.language and entry.shape is None:
            return Entry(entry.path, entry.sha, entry.size, value)
        return None

    def read(self, value: Any) -> list[Entry]:
        """The manifest of a `files` field, whatever it holds."""
        if isinstance(value, list):
            return [self._file(as_element(each), place) for place, each in enumerate(value)]
        return self.read_element(as_element(value))

    def read_element(self, element: Element | None) -> list[Entry]:
        if element is None:
            return []
        if element.kind == ARRAY:
            parts = raw_bson.elements(element.data)
            return [self._file(part, place) for place, part in enumerate(parts)]
        data = raw_bson.build([element.named("file")])
        return [Entry(WHOLE, self._kept(data), len(data), kind="raw")]

    def read_document(self, parts: dict[str, Element]) -> None:
        self.files = self.read_element(parts.get("files"))
        self.read_metadata(parts.get("metadata"))

    def read_metadata(self, element: Element | None) -> None:
        data = raw_bson.build([element.named("metadata")]) if element else None
        self.metadata = None if data is None else self._kept(data)

    def _file(self, element: Element, place: int) -> Entry:
        read = manifest.read_file(element, place)
        self.fresh.update(read.contents)
        return read.entry

    def _kept(self, data: bytes) -> Sha:
        sha = manifest.sha_of(data)
        self.fresh[sha] = data
        return sha

    @property
    def refs(self) -> list[Sha]:
        return manifest.refs_of(self.files, self.metadata)


def _is_no_list(files: list[Entry]) -> bool:
    return bool(files) and files[0].kind == "raw" and files[0].path == WHOLE


def parts_of(raw: Any) -> dict[str, Element]:
    """raw: the bytes of a document."""
    return {part.name: part for part in raw_bson.elements(bytes(raw))}
