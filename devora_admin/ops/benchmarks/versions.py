"""The pages of a project's history: at its first version and its last, and what differs between
two versions in which everything changed."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from devora_admin.core import clock, mongo
from devora_admin.ops.benchmarks.bench import Bench
from devora_admin.ops.benchmarks.pages import pages_section
from devora_admin.ops.benchmarks.report import Report, Section, Target
from devora_admin.versions.authors import PLATFORM, Author
from devora_admin.versions.documents import heads, versions
from devora_admin.versions.recording.track import Open, Track
from devora_admin.versions.recording.writing import effect_of

MANY = 1000
"""Versions of one project."""
FILES, LINES, CHANGED = 500, 100, 5
COMPARE = Target(p95_ms=500)
_DEEP, _WIDE = "bench-deep", "bench-wide"
_AT_ONCE = 50


def pages(bench: Bench, *, rounds: int, report: Report) -> Section:
    report(f"a project of {MANY:,} versions, and one of {FILES} changed files")
    _deep_project()
    _wide_project()
    paths = {
        "history, page 1": (_of("history", _DEEP), None),
        f"history, before version {MANY // 2}": (_of("history", _DEEP, before=MANY // 2), None),
        "history of one file": (_of("history", _DEEP, file=_name(3)), None),
        "version 2, a file": (_of("version", _DEEP, 2, file=_name(3)), None),
        f"version {MANY:,}, a file": (_of("version", _DEEP, MANY, file=_name(3)), None),
        "who wrote each line of a file": (
            _of("version", _DEEP, MANY, file=_name(3), blame=1), None,
        ),
        "replay of a turn": (_of("replay", _DEEP, turn=MANY), None),
        "compare two neighbours": (_of("compare", _DEEP, **{"from": 499, "to": 500}), None),
        "compare the first and the last": (
            _of("compare", _DEEP, **{"from": 1, "to": MANY}), None,
        ),
        f"compare {FILES} changed files": (_of("compare", _WIDE, **{"from": 1, "to": 2}), COMPARE),
    }  # fmt: skip
    return pages_section(
        f"History of a project: {MANY:,} versions of 30 files; {FILES} files of {LINES} lines with "
        f"{CHANGED} changed (ms)",
        bench.client, paths, rounds=rounds,
    )  # fmt: skip


def _of(route: str, project_id: str, *arguments: Any, **query: Any) -> str:
    address = reverse(f"versions:{route}", args=[project_id, *arguments])
    return f"{address}?{urlencode(query)}" if query else address


def _name(number: int) -> str:
    return f"src/part-{number % 20}/{number:03}.ts"


def _text(number: int, *, changed: Sequence[int] = (), mark: int = 0) -> str:
    return "".join(
        f"export const value{line} = compute({number}, {mark if line in changed else line});\n"
        for line in range(LINES)
    )


def _deep_project() -> None:
    """Each version is a turn's, and changes a line of one file of 30."""
    if versions().count_documents({"project_id": _DEEP}) == MANY:
        return
    texts = [_text(number) for number in range(30)]
    talk = [
        {"role": role, "content": f"{role} {number}", "timestamp": clock.now()}
        for number in range(MANY)
        for role in ("user", "assistant")
    ]
    track = _started(_DEEP, texts, talk)
    for number in range(1, MANY):
        texts[number % 30] = _text(number % 30, changed=[number % LINES], mark=number)
        _version(track, texts, Author("ai", turn=2 * number - 1, basis="same write"))
        if number % _AT_ONCE == 0 or number == MANY - 1:
            track = _written(track)
    _stored(track, texts, talk)


def _wide_project() -> None:
    if versions().count_documents({"project_id": _WIDE}) == 2:
        return
    texts = [_text(number) for number in range(FILES)]
    track = _started(_WIDE, texts, [])
    spread = range(0, LINES, LINES // CHANGED)
    texts = [_text(number, changed=list(spread), mark=-1) for number in range(FILES)]
    _version(track, texts, Author("customer"))
    _stored(_written(track), texts, [])


def _started(project_id: str, texts: Sequence[str], talk: list[dict[str, Any]]) -> Track:
    for collection in (versions(), heads()):
        collection.delete_many({"project_id": project_id})
    mongo.database().projects.delete_one({"id": project_id})
    track = Track(project_id, project_id, "benchmark", turns=len(talk))
    _version(track, texts, PLATFORM)
    return track


def _version(track: Track, texts: Sequence[str], author: Author) -> None:
    track.state.files = track.state.read(_files(texts))
    now = clock.now()
    turns = 0 if author.turn is None else author.turn + 1
    track.open = Open(track.number + 1, author, now, now, saves=1, turns=turns)
    track.seal()


def _written(track: Track) -> Track:
    mongo.run_in_transaction(effect_of([track]))
    track.seq = (track.seq or 0) + 1
    track.sealed = []
    return track


def _stored(track: Track, texts: Sequence[str], talk: list[dict[str, Any]]) -> None:
    """The project itself, as the newest version has it."""
    now = clock.now()
    mongo.database().projects.insert_one(
        {
            "_id": track.key, "id": track.project_id, "user_id": "benchmark",
            "name": f"Benchmark {track.project_id}", "files": _files(texts),
            "conversation_history": talk, "created_at": now, "updated_at": now,
        }
    )  # fmt: skip


def _files(texts: Sequence[str]) -> list[dict[str, str]]:
    return [
        {"name": _name(number), "content": text, "language": "typescript"}
        for number, text in enumerate(texts)
    ]
