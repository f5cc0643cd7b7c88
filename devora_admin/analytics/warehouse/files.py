"""One folder for each day with one Parquet file and its manifest, replaced as a whole.

A file has its name once it is whole and on disk, so a reader sees the old one or the new one, and
whoever was killed leaves at most a temporary file. The same rows make the same bytes.
"""

import hashlib
import json
import os
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from datetime import UTC
from pathlib import Path
from typing import Any

from devora_admin.analytics.warehouse.columns import Row, parquet_schema
from devora_admin.analytics.warehouse.packages import needed
from devora_admin.core import clock

PART = "part-00000.parquet"
MANIFEST = "_manifest.json"
UNKNOWN = "unknown"
_TEMPORARY = ".part.tmp"
_GROUP_ROWS = 50_000
_GROUP_CHARACTERS = 64 * 1024 * 1024
"""Of properties: a group of rows is in memory as a whole."""
_AT_ONCE = 1000


@dataclass(frozen=True, slots=True)
class Manifest:
    day: str
    """As in 2026-11-28, UTC; or UNKNOWN."""
    events: int
    flawed: int
    """Those that something was wrong with."""
    reasons: dict[str, int]
    """What, and with how many; one event may have several."""
    bytes: int
    """0 of a day without events, which has no file."""
    sha256: str
    """Of the file."""
    run: str
    """The export that read the day last."""
    written_at: str


@dataclass(slots=True)
class Written:
    events: int = 0
    flawed: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    bytes: int = 0
    digest: Any = field(default_factory=hashlib.sha256)


def folder_of(root: Path, day: str) -> Path:
    return root / f"day={day}"


def days_in(root: Path) -> list[str]:
    return sorted(each.name.removeprefix("day=") for each in root.glob("day=*") if each.is_dir())


def tidy(root: Path) -> None:
    """Removes what somebody who was killed left half written."""
    for temporary in root.glob(f"day=*/{_TEMPORARY}"):
        temporary.unlink()


def manifest_of(root: Path, day: str) -> Manifest | None:
    """None when there is none, or the file is not the one it is about."""
    folder = folder_of(root, day)
    try:
        found = Manifest(**json.loads((folder / MANIFEST).read_text()))
        size = (folder / PART).stat().st_size if (folder / PART).exists() else 0
    except (FileNotFoundError, ValueError, TypeError):
        return None
    return found if found.bytes == size else None


def replace(root: Path, day: str, rows: Iterable[Row], *, run: str) -> tuple[Manifest, bool]:
    """Writes the rows as the day's file; whether it is another one than before."""
    folder = folder_of(root, day)
    folder.mkdir(parents=True, exist_ok=True)
    temporary = folder / _TEMPORARY
    written = _write(temporary, rows)
    before = manifest_of(root, day)
    digest = written.digest.hexdigest() if written.events else ""
    is_other = before is None or before.sha256 != digest
    if not written.events:
        temporary.unlink()
        (folder / PART).unlink(missing_ok=True)
    elif is_other:
        temporary.replace(folder / PART)
    else:
        temporary.unlink()
    sync_folder(folder)
    manifest = Manifest(
        day=day, events=written.events, flawed=written.flawed,
        reasons=dict(sorted(written.reasons.items())), sha256=digest,
        bytes=written.bytes if written.events else 0, run=run,
        written_at=clock.now().astimezone(UTC).isoformat(timespec="seconds"),
    )  # fmt: skip
    write_json(folder / MANIFEST, asdict(manifest))
    return manifest, is_other


def rows_of(root: Path, day: str) -> Iterator[Row]:
    """What the day's file holds, a group of rows at a time."""
    path = folder_of(root, day) / PART
    if not path.exists():
        return
    with needed("pyarrow.parquet").ParquetFile(path) as file:
        for batch in file.iter_batches(batch_size=_AT_ONCE):
            yield from map(Row._make, zip(*(column.to_pylist() for column in batch), strict=True))


def write_json(path: Path, value: Any) -> None:
    temporary = path.with_name(f".{path.name}.tmp")
    with temporary.open("w") as file:
        json.dump(value, file, indent=2)
        file.write("\n")
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Makes a new name in it last."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


class _Hashed:
    """A file for Parquet to be written to, hashed as it goes."""

    def __init__(self, file: Any, written: Written) -> None:
        self._file, self._written = file, written
        self.closed = False

    def write(self, data: Any) -> int:
        view = memoryview(data)
        self._written.digest.update(view)
        self._written.bytes += view.nbytes
        self._file.write(view)
        return view.nbytes

    def flush(self) -> None:
        self._file.flush()

    def tell(self) -> int:
        return self._written.bytes

    def close(self) -> None:
        self.closed = True


def _write(path: Path, rows: Iterable[Row]) -> Written:
    pa, pq = needed("pyarrow"), needed("pyarrow.parquet")
    schema, written = parquet_schema(), Written()
    with path.open("wb") as file:
        sink = pa.PythonFile(_Hashed(file, written), mode="w")
        with pq.ParquetWriter(sink, schema, compression="zstd") as writer:
            for group in _groups(rows):
                for row in group:
                    if row.reason is not None:
                        written.flawed += 1
                        written.reasons.update(row.reason.split("; "))
                written.events += len(group)
                columns = zip(*group, strict=True)
                arrays = [pa.array(c, type=f.type) for c, f in zip(columns, schema, strict=True)]
                writer.write_table(pa.Table.from_arrays(arrays, schema=schema))
        file.flush()
        os.fsync(file.fileno())
    return written


def _groups(rows: Iterable[Row]) -> Iterator[list[Row]]:
    rows, group, characters = iter(rows), [], 0
    for row in rows:
        group.append(row)
        characters += len(row.properties or "")
        if len(group) >= _GROUP_ROWS or characters >= _GROUP_CHARACTERS:
            yield group
            group, characters = [], 0
    if group:
        yield group
