"""Takes a customer out of exported files, which nothing in MongoDB reaches."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from devora_admin.analytics.warehouse import files, runs
from devora_admin.analytics.warehouse.columns import Row
from devora_admin.analytics.warehouse.packages import needed

_RUN = "erasing"
_COLUMNS = ["user_id", "project_id", "properties"]


@dataclass(frozen=True, slots=True)
class Erased:
    days: int
    """Whose file was written anew."""
    events: int
    mentions: int
    """Events of others whose properties name the customer. They are left as they are."""


def erase(root: Path, user_id: str, *, report: Callable[[str], None] = lambda day: None) -> Erased:
    """Their events, and those of their projects that name nobody. Harmless twice.

    Raises Conflict while an export works on the folder, and NotInstalled.
    """
    with runs.only_one(root):
        projects = _projects(root, user_id)
        days = events = mentions = 0
        for day in files.days_in(root):
            report(day)
            theirs, naming = _counts(root, day, user_id, projects)
            mentions += naming
            # Whoever was killed after a file got its name left the manifest of the one before.
            if theirs or files.manifest_of(root, day) is None:
                left = (row for row in files.rows_of(root, day) if not _is(row, user_id, projects))
                files.replace(root, day, left, run=_RUN)
            days += bool(theirs)
            events += theirs
    return Erased(days, events, mentions)


def _is(row: Row, user_id: str, projects: set[str]) -> bool:
    return row.user_id == user_id or (row.user_id is None and row.project_id in projects)


def _projects(root: Path, user_id: str) -> set[str]:
    """Those that the files know to be theirs: in MongoDB they may be gone."""
    pc, found = needed("pyarrow.compute"), set()
    for day in files.days_in(root):
        for batch in _batches(root, day, _COLUMNS[:2]):
            own = batch.filter(pc.equal(batch["user_id"], user_id))
            found.update(pc.unique(own["project_id"]).to_pylist())
    return found - {None}


def _counts(root: Path, day: str, user_id: str, projects: set[str]) -> tuple[int, int]:
    """How many events are theirs, and how many of others name them."""
    pa, pc = needed("pyarrow"), needed("pyarrow.compute")
    named, theirs, naming = pa.array(sorted(projects), pa.string()), 0, 0
    for batch in _batches(root, day, _COLUMNS):
        nobodys = pc.and_(
            pc.is_null(batch["user_id"]), pc.is_in(batch["project_id"], value_set=named)
        )
        own = pc.or_(pc.fill_null(pc.equal(batch["user_id"], user_id), False), nobodys)
        mention = pc.fill_null(pc.match_substring(batch["properties"], user_id), False)
        theirs += pc.sum(own).as_py() or 0
        naming += pc.sum(pc.and_(mention, pc.invert(own))).as_py() or 0
    return theirs, naming


def _batches(root: Path, day: str, columns: list[str]) -> Iterator[Any]:
    path = files.folder_of(root, day) / files.PART
    if path.exists():
        with needed("pyarrow.parquet").ParquetFile(path) as file:
            yield from file.iter_batches(columns=columns)
