"""What putting a version back would change in the project as it is now."""

from collections import Counter
from dataclasses import dataclass

from devora_admin.core.errors import InvalidInput, NotFound
from devora_admin.projects.paths import Namespace
from devora_admin.versions.diffs.manifests import Change
from devora_admin.versions.queries import compare
from devora_admin.versions.queries.compare import NOW, Comparison, Incomplete
from devora_admin.versions.queries.now import Now, is_no_list, mark_of, mark_of_file, seen_of
from devora_admin.versions.queries.versions import Version

NAMED = 200
"""Files that are named; the rest are counted."""


@dataclass(frozen=True, slots=True)
class Preview:
    found: Comparison
    """From now to the version."""
    seen: str
    """Names what is shown, which the restore must still find."""
    obstacle: str
    """Why it cannot be put back; "" when it can."""

    def _of(self, status: str) -> list[Change]:
        return [change for change in self.found.changes if change.status == status]

    @property
    def removed(self) -> list[str]:
        return [change.path for change in self._of("removed")]

    @property
    def removed_named(self) -> list[str]:
        return self.removed[:NAMED]

    @property
    def counted(self) -> list[tuple[int, str]]:
        """How many files, and what becomes of them."""
        told = (("added", "come back"), ("changed", "change"), ("renamed", "get another name"))
        found = [(len(self._of(status)), words) for status, words in told]
        return [(count, words) for count, words in found if count]

    @property
    def malformed(self) -> list[str]:
        """Files that come back as what they were: no text files."""
        raw = (change.new for change in self.found.changes if change.new)
        return [entry.path for entry in raw if entry.kind == "raw"][:NAMED]


def preview(project_id: str, number: int, path: str = "") -> Preview:
    """path: of the one file to put back. Raises NotFound, Absent."""
    try:
        if path:
            found = compare.of_one_file(project_id, NOW, number, path)
        else:
            found = compare.compare(project_id, NOW, number)
    except Incomplete as error:
        left, right = compare.sides(project_id, NOW, number)
        return Preview(Comparison(left, right, [], {}), "", error.message)
    version, live = found.new.version, found.old.now
    if version is None or live is None:
        raise NotFound("version", str(number))
    if path:
        seen = seen_of(mark_of_file(live, path), mark_of([version.entry(path)], None))
    else:
        seen = seen_of(live.mark, mark_of(version.files, version.metadata))
    return Preview(found, seen, _obstacle(version, live, path))


def _obstacle(version: Version, live: Now, path: str) -> str:
    if live.is_archived:
        return "The project is archived. Restore the project first, then its version."
    if is_no_list(live.files):
        return "The project's files are no list now, so nothing can be put among them."
    try:
        if path:
            check_file(version, path)
        else:
            check_whole(version)
    except InvalidInput as error:
        return error.message
    if path:
        there = [each for each in live.files if each.path == path]
        if len(there) > 1:
            return "Two files of the project have this name now, so neither can be changed here."
        if not there and (clash := Namespace(each.path for each in live.files).clash(path)):
            return clash
        is_same = there == [version.entry(path)]
    else:
        is_same = live.mark == mark_of(version.files, version.metadata)
    return f"The project is already as version {version.number} has it." if is_same else ""


def check_whole(version: Version) -> None:
    """Raises InvalidInput for a version that cannot be put back as a whole."""
    if is_no_list(version.files):
        raise InvalidInput(
            f"In version {version.number} the files were no list, so it cannot be put back."
        )
    counted = Counter(entry.path for entry in version.files)
    twice = [path for path, count in counted.items() if count > 1]
    if twice:
        raise InvalidInput(
            f"Version {version.number} has two files named “{twice[0][:200]}”, which a project "
            "must not. Restore its other files one by one."
        )


def check_file(version: Version, path: str) -> None:
    """Raises InvalidInput for a file that cannot be put back alone, NotFound without it."""
    entry = version.entry(path)
    if is_no_list(version.files):
        check_whole(version)
    if sum(each.path == path for each in version.files) > 1:
        raise InvalidInput(
            f"Version {version.number} has two files of this name; neither can be put back alone."
        )
    if entry.kind == "raw" and path.startswith("files["):
        raise InvalidInput("What was stored there has no name, so it cannot be put back alone.")
