"""What the first demo projects were before: a version for each answer of the AI, and a few by
people. Made backwards from what is stored, so the newest version is the project as it is."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any

from devora_admin.core import mongo
from devora_admin.ops.demo.customers import Document, random_of
from devora_admin.projects.documents import projects
from devora_admin.versions.authors import PLATFORM, Author
from devora_admin.versions.documents import heads, versions
from devora_admin.versions.recording.consumer import FOUND
from devora_admin.versions.recording.state import State
from devora_admin.versions.recording.told import as_element, spoken_by
from devora_admin.versions.recording.track import Open, Track
from devora_admin.versions.recording.writing import effect_of

PROJECTS = 40
MOST_TURNS = 14
"""Older turns are from before anybody followed."""
_PEOPLE = (Author("customer"), Author("staff", id="demo", label="Dana Reyes"))
_NAMES = ("First draft", "Before the redesign", "Shown to the customer", "Ready to launch")

Files = list[Document]


@dataclass(frozen=True, slots=True)
class Step:
    files: Files
    author: Author
    at: datetime
    turns: int
    saves: int
    why: str = ""


@dataclass(frozen=True, slots=True)
class Past:
    """One of these projects, by its number in the demo data."""

    number: int
    versions: tuple[tuple[int, int, datetime], ...]
    """Number, turns and time of each, the oldest first."""


def pasts(projects: Mapping[str, int]) -> list[Past]:
    """Of those that have one. projects: numbers by id."""
    fields = {"_id": 0, "project_id": 1, "number": 1, "turns": 1, "changed_at": 1}
    found: dict[str, list[tuple[int, int, datetime]]] = {}
    wanted = {"project_id": {"$in": list(projects)}}
    for row in versions().find(wanted, fields).sort([("project_id", 1), ("number", 1)]):
        told = (row["number"], row["turns"], row["changed_at"])
        found.setdefault(row["project_id"], []).append(told)
    return [Past(projects[project_id], tuple(each)) for project_id, each in found.items()]


def write_history(seed: int, number: int, project: Document, *, until: datetime) -> None:
    """Once for each project; a project without answers or with broken files is left out."""
    answers = _answers(project)
    if not answers or not _is_sound(project):
        return
    if heads().find_one({"project_id": project["id"]}, {"_id": 1}):
        return  # a worker has seen it already
    random = random_of(seed, "history", number)
    steps = list(_steps(random, project, answers, until))[::-1]
    talk = project["conversation_history"]
    track = Track(project["_id"], project["id"], project["user_id"])
    track.revision, track.turns = project.get("revision", 0), len(talk)
    track.first_turn = steps[0].turns if steps[0].why == FOUND else 0
    track.last_role = spoken_by(talk[-1]["role"])
    track.state.read_metadata(as_element(project["metadata"]))
    for step in steps:
        _record(track, step)
    mongo.run_in_transaction(effect_of([track]))
    changed = {"id": project["id"], "updated_at": {"$lt": steps[-1].at}}
    projects().update_one(changed, {"$set": {"updated_at": steps[-1].at}})
    named = random.randint(1, track.number)
    by = {"id": _PEOPLE[1].id, "label": _PEOPLE[1].label}
    change = {"name": random.choice(_NAMES), "named_by": by, "named_at": steps[-1].at}
    versions().update_one({"project_id": project["id"], "number": named}, {"$set": change})


def _record(track: Track, step: Step) -> None:
    state = State(metadata=track.state.metadata, fresh=track.state.fresh)
    state.files = state.read(step.files)
    track.state = state
    track.open = Open(
        track.number + 1, step.author, step.at, step.at, step.why, saves=step.saves,
        turns=step.turns,
    )  # fmt: skip
    track.seal()  # now, as retention counts from there


def _answers(project: Document) -> list[int]:
    """Numbers of the AI's turns, the last few of them."""
    talk = project.get("conversation_history")
    if not isinstance(talk, list) or not all(isinstance(each, dict) for each in talk):
        return []
    found = [at for at, each in enumerate(talk) if spoken_by(each.get("role")) == "assistant"]
    return found[-MOST_TURNS:]


def _is_sound(project: Document) -> bool:
    files: Any = project.get("files")
    return (
        isinstance(files, list) and all(isinstance(each, dict) for each in files) and len(files) > 1
    )


def _steps(
    random: Random, project: Document, answers: list[int], until: datetime
) -> Iterator[Step]:
    """The newest first."""
    talk, files = project["conversation_history"], project["files"]
    # Many were changed by hand of late, so that an issue can be about the project before that.
    late = until - timedelta(hours=random.randint(30, 24 * 20))
    if random.random() < 0.7 and late > talk[answers[-1]]["timestamp"] + timedelta(days=1):
        yield Step(files, random.choice(_PEOPLE), late, answers[-1] + 1, random.randint(2, 40))
        files = _before(random, files, most=3)
    for place, turn in enumerate(reversed(answers)):
        at = talk[turn]["timestamp"]
        is_oldest = place == len(answers) - 1
        if random.random() < 0.25 and not is_oldest:
            person = random.choice(_PEOPLE)
            yield Step(files, person, at + timedelta(minutes=9), turn + 1, random.randint(2, 40))
            files = _before(random, files, most=1)
        if is_oldest and turn > 1:
            yield Step(files, PLATFORM, at, turn + 1, 1, why=FOUND)
        else:
            yield Step(files, Author("ai", turn=turn, basis="same write"), at, turn + 1, 1)
        files = _before(random, files, most=4)


def _before(random: Random, files: Files, *, most: int) -> Files:
    """Less of it: what a change has added is taken away again."""
    earlier = list(files)
    for _ in range(random.randint(1, most)):
        place = random.randrange(len(earlier))
        if len(earlier) > 3 and random.random() < 0.2:
            del earlier[place]
        else:
            earlier[place] = {**earlier[place], "content": _less(random, earlier[place]["content"])}
    return earlier


def _less(random: Random, content: str) -> str:
    lines = content.splitlines(keepends=True)
    if len(lines) < 4:
        return content + "\n"
    start = random.randrange(len(lines) - 2)
    count = random.randint(1, min(6, len(lines) - start - 1))
    if random.random() < 0.5:
        return "".join(lines[:start] + lines[start + count :])
    older = [
        line.replace("const ", "let ").replace('"', "'") for line in lines[start : start + count]
    ]
    return "".join([*lines[:start], *older, "\n", *lines[start + count :]])
