"""Changes to which files a project has: create, move, delete, and edits of many at once.

Each is one transaction with its audit row.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from devora_admin.core import raw_bson
from devora_admin.core.errors import Conflict, InvalidInput
from devora_admin.projects.languages import language_of
from devora_admin.projects.paths import Namespace, checked_path
from devora_admin.projects.queries.editor import digest
from devora_admin.projects.services.file_undo import keep
from devora_admin.projects.services.files import checked_text, weight
from devora_admin.projects.services.working_tree import (
    Changed,
    WorkingTree,
    change,
    check_fits,
    on_record,
)
from devora_admin.staff import audit


@dataclass(frozen=True, slots=True)
class NewFile:
    path: str
    content: str
    replace: bool = False


@dataclass(frozen=True, slots=True)
class Move:
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Edit:
    path: str
    content: str
    base_content: str


def create_files(project_id: str, files: list[NewFile], *, actor: audit.Actor) -> Changed:
    """Adds files; those marked `replace` may take the place of one that is there.

    Raises InvalidInput (a bad path, or one that is taken), Conflict, TooLarge or NotFound.
    """
    _each_once(file.path for file in files)
    for file in files:
        checked_path(file.path)
        checked_text(file.content)

    def work(tree: WorkingTree) -> Changed:
        replaced: list[NewFile] = []
        added: list[NewFile] = []
        for file in files:
            is_there = file.replace and file.path in tree.places
            (replaced if is_there else added).append(file)
        space = Namespace(tree.places)
        for file in added:
            check_fits(space, file.path)
            space.add(file.path)
        undo = _replace(tree, replaced, actor)
        if added:
            entries = [
                {"name": file.path, "content": file.content, "language": language_of(file.path)}
                for file in added
            ]
            tree.update({"$push": {"files": {"$each": entries}}})
        after = on_record(file.path for file in files)
        tree.finish(after={**after, "replaced": len(replaced)})
        return tree.done(undo)

    return change(project_id, work, action="project.files.create", actor=actor)


def _each_once(paths: Iterable[str]) -> None:
    counted = Counter(paths)
    if not counted:
        raise InvalidInput("Choose at least one file.")
    path, count = counted.most_common(1)[0]
    if count > 1:
        raise InvalidInput(f"“{path}” is named twice.", field="path", detail={"path": path})


def _replace(tree: WorkingTree, files: list[NewFile], actor: audit.Actor) -> str:
    if not files:
        return ""
    before = tree.raw(file.path for file in files)
    tree.update(
        {"$set": {f"files.{tree.place(file.path)}.content": file.content for file in files}}
    )
    kept = [
        {"path": file.path, "entry": before[file.path], "digest": digest(file.content)}
        for file in files
    ]
    return keep(tree, "replace", kept, actor)


def move_files(project_id: str, moves: list[Move], *, actor: audit.Actor) -> Changed:
    """Renames files, all or none. A language that followed from the old name follows the new."""
    _each_once(move.old for move in moves)
    for move in moves:
        checked_path(move.new)

    def work(tree: WorkingTree) -> Changed:
        places = {move.old: tree.place(move.old) for move in moves}
        space = Namespace(path for path in tree.places if path not in places)
        renamed: dict[str, str] = {}
        for move in moves:
            check_fits(space, move.new)
            space.add(move.new)
            place = places[move.old]
            renamed[f"files.{place}.name"] = move.new
            if tree.languages[move.old] == language_of(move.old) != language_of(move.new):
                renamed[f"files.{place}.language"] = language_of(move.new)
        tree.update({"$set": renamed})
        tree.finish(
            before=on_record(move.old for move in moves),
            after=on_record(move.new for move in moves),
        )
        return tree.done()

    return change(project_id, work, action="project.files.move", actor=actor)


def delete_files(project_id: str, paths: list[str], *, actor: audit.Actor) -> Changed:
    """Removes files and keeps them, whole, for `file_undo.undo_change` for a day."""
    _each_once(paths)

    def work(tree: WorkingTree) -> Changed:
        places = {path: tree.place(path) for path in paths}
        entries = tree.raw(paths)
        kept = [
            {"path": path, "place": places[path], "entry": entries[path]}
            for path in sorted(places, key=lambda path: places[path])
        ]
        undo = keep(tree, "delete", kept, actor)
        # A malformed name that is a list is equal to each of its items; such a file stays.
        named = {"$in": list(places), "$not": {"$type": "array"}}
        tree.update({"$pull": {"files": {"name": named}}})
        tree.finish(before=on_record(places))
        return tree.done(undo)

    return change(project_id, work, action="project.files.delete", actor=actor)


def save_files(project_id: str, edits: list[Edit], *, actor: audit.Actor) -> Changed:
    """Changes the contents of several files, all or none, each only from its `base_content`."""
    _each_once(edit.path for edit in edits)
    for edit in edits:
        checked_text(edit.content)

    def work(tree: WorkingTree) -> Changed:
        now = tree.raw(edit.path for edit in edits)
        written = {}
        for edit in edits:
            place = tree.place(edit.path)
            held = now[edit.path].get("content")
            held = "" if held is None else held
            if not raw_bson.is_text(held) or held != edit.base_content:
                raise Conflict(
                    f"“{edit.path}” was changed by someone else. Nothing was replaced.",
                    detail={"reason": "changed", "path": edit.path},
                )
            written[f"files.{place}.content"] = edit.content
        tree.update({"$set": written})
        tree.finish(
            before={"files": [{"path": e.path, **weight(e.base_content)} for e in edits]},
            after={"files": [{"path": e.path, **weight(e.content)} for e in edits]},
        )
        return tree.done()

    return change(project_id, work, action="project.files.edit", actor=actor)
