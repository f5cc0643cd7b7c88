"""Putting a version of a project back, or one of its files, as a new revision.

Nothing of the history changes: what was there before is a version, and what is there after is one.
Each is one transaction with its audit row, on the state that the person saw.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pymongo.client_session import ClientSession
from pymongo.errors import DocumentTooLarge, PyMongoError

from devora_admin.core import mongo, raw_bson
from devora_admin.core.errors import Conflict, InvalidInput, NotFound
from devora_admin.core.ids import new_id
from devora_admin.core.raw_bson import Element
from devora_admin.projects.services import restoring as writing
from devora_admin.projects.services.files import too_large
from devora_admin.projects.services.restoring import Content
from devora_admin.projects.services.working_tree import WorkingTree, on_record
from devora_admin.staff import audit, undo, wording
from devora_admin.versions import manifest
from devora_admin.versions.manifest import Entry, Sha
from devora_admin.versions.queries import versions
from devora_admin.versions.queries.now import Now, mark_of, mark_of_file, now, seen_of
from devora_admin.versions.queries.restore import check_file, check_whole
from devora_admin.versions.queries.versions import Version

ACTION = "project.version.restore"
Contents = dict[Sha, bytes]


@dataclass(frozen=True, slots=True)
class Restored:
    revision: int
    row_id: str
    """Of the audit log, by which it can be undone."""


def register() -> None:
    """Called once, when the app is ready."""
    undo.handles(ACTION, permission="projects.edit")(_take_back)
    wording.say({ACTION: "Put an earlier version back"})
    wording.tell(ACTION, permission="projects.view", how=_told)


def restore_version(project_id: str, number: int, *, seen: str, actor: audit.Actor) -> Restored:
    """Files and metadata of the whole project. seen: `seen` of the preview that was shown.

    Raises Conflict, InvalidInput, TooLarge, NotFound; then nothing was written.
    """
    version, held = _kept(
        project_id, number, lambda each: manifest.refs_of(each.files, each.metadata)
    )
    check_whole(version)
    target = _content(version.files, version.metadata, held)
    left = mark_of(version.files, version.metadata)

    def work(tree: WorkingTree) -> Restored:
        found = now(project_id, session=tree.session)
        _check_seen(seen_of(found.mark, left), seen)
        if found.mark == left:
            raise InvalidInput(f"The project is already as version {number} has it.")
        before = _content(found.files, found.metadata, found.contents)
        writing.replace_all(tree, target, version=number)
        return _on_record(
            tree, version, before, target, {"left": left},
            changed=_paths_that_differ(found.files, version.files),
            metadata=found.metadata != version.metadata,
        )  # fmt: skip

    return _change(project_id, work, actor)


def restore_file(
    project_id: str, number: int, path: str, *, seen: str, actor: audit.Actor
) -> Restored:
    """One file, whatever became of the others. seen: `seen` of its preview.

    Raises Conflict, InvalidInput, TooLarge, NotFound; then nothing was written.
    """
    version, held = _kept(
        project_id, number, lambda each: manifest.refs_of([each.entry(path)], None)
    )
    check_file(version, path)
    entry = version.entry(path)
    file = manifest.written(entry, held)
    place = version.files.index(entry)
    left = mark_of([entry], None)

    def work(tree: WorkingTree) -> Restored:
        found = now(project_id, session=tree.session)
        _check_seen(seen_of(mark_of_file(found, path), left), seen)
        there = [each for each in found.files if each.path == path]
        if there == [entry]:
            raise InvalidInput(f"“{path}” is already as version {number} has it.")
        before = Content([manifest.written(each, found.contents) for each in there], None)
        writing.put_file(tree, path, file, place=place, version=number)
        return _on_record(
            tree, version, before, Content([file], None),
            {"left": left, "path": path}, changed=[path], metadata=False,
        )  # fmt: skip

    return _change(project_id, work, actor)


def _kept(
    project_id: str, number: int, refs: Callable[[Version], list[Sha]]
) -> tuple[Version, Contents]:
    """A version and the contents that are wanted of it. Raises Conflict when one is gone."""
    version = versions.version(project_id, number)
    wanted = refs(version)
    try:
        return version, versions.contents(wanted, version)
    except NotFound as error:
        raise Conflict(
            f"Not all contents of version {number} are kept, so it cannot be put back."
        ) from error


def _content(files: tuple[Entry, ...], metadata: Sha | None, held: Contents) -> Content:
    return Content(
        [manifest.written(entry, held) for entry in files],
        raw_bson.elements(held[metadata])[0] if metadata else None,
    )


def _check_seen(now_seen: str, seen: str) -> None:
    """The version itself may have grown as well, when it was still open."""
    if now_seen != seen:
        raise Conflict(
            "The project was changed since this was shown. Below is what a restore would change."
        )


def _paths_that_differ(old: tuple[Entry, ...], new: tuple[Entry, ...]) -> list[str]:
    same = set(old) & set(new)
    return sorted({entry.path for entry in (*old, *new) if entry not in same})


def _on_record(
    tree: WorkingTree, version: Version, before: Content, after: Content, head: dict[str, Any],
    *, changed: list[str], metadata: bool,
) -> Restored:  # fmt: skip
    row_id = new_id()
    writing.keep(tree, row_id, before, after, version=version.number, **head)
    audit.record(
        ACTION, actor=tree.actor, subject=tree.subject, session=tree.session, row_id=row_id,
        before={"revision": tree.revision},
        after={
            "version": version.number, "revision": tree.revision + 1, **on_record(changed),
            "metadata": metadata,
        },
    )  # fmt: skip
    return Restored(tree.revision + 1, row_id)


def _change(
    project_id: str, work: Callable[[WorkingTree], Restored], actor: audit.Actor
) -> Restored:
    def run(session: ClientSession) -> Restored:
        return work(WorkingTree(project_id, session, ACTION, actor))

    try:
        return mongo.run_in_transaction(run)
    except (PyMongoError, DocumentTooLarge) as error:
        raise (too_large() if mongo.is_too_large(error) else error) from error


def _take_back(row: audit.AuditRow, *, actor: audit.Actor, session: ClientSession) -> None:
    kept = writing.take_kept(row.id, session)
    project_id, head = row.subject.id, kept.head
    action = f"{ACTION}.undo"
    tree = WorkingTree(project_id, session, action, actor)
    found = now(project_id, session=session)
    path = head.get("path")
    try:
        if path is None:
            _take_back_all(tree, found, kept)
        else:
            _take_back_file(tree, found, kept, path)
    except (PyMongoError, DocumentTooLarge) as error:
        raise (too_large() if mongo.is_too_large(error) else error) from error
    audit.record(
        action, actor=actor, subject=tree.subject, session=session,
        before={"version": head["version"], "revision": tree.revision},
        after={"revision": tree.revision + 1},
    )  # fmt: skip


def _take_back_all(tree: WorkingTree, found: Now, kept: writing.Kept) -> None:
    if found.mark != kept.head["left"]:
        raise _moved_on()
    after = _content(found.files, found.metadata, found.contents)
    writing.replace_all(tree, kept.before(after))


def _take_back_file(tree: WorkingTree, found: Now, kept: writing.Kept, path: str) -> None:
    if mark_of_file(found, path) != kept.head["left"]:
        raise _moved_on()
    entry = next(each for each in found.files if each.path == path)
    after = Content([manifest.written(entry, found.contents)], None)
    before: list[Element] = list(kept.before(after).files)
    if before:
        writing.put_file(tree, path, before[0], place=0)
    else:
        writing.remove_file(tree, path)


def _moved_on() -> Conflict:
    return Conflict(
        "The project was changed since the restore, so nothing was undone. "
        "What was there before the restore is a version of its own: restore that one."
    )


def _told(before: wording.Values, after: wording.Values) -> str:
    number = after.get("version")
    return (
        f"Put version {number:,} back" if isinstance(number, int) else "Put an earlier version back"
    )
