"""Autosave through the service against the barest update a driver can send."""

from collections.abc import Callable
from typing import Any

from devora_admin.core import clock, mongo
from devora_admin.core.ids import new_id
from devora_admin.ops.benchmarks.bench import LARGE_BYTES, Bench, project_near
from devora_admin.ops.benchmarks.measure import interleave
from devora_admin.ops.benchmarks.report import Figure, Ratio, Section, Target
from devora_admin.projects.services import files

TARGET = Target(p95_ms=10)
MOST_OVER_BARE = 1.5
SIZES = {"10 KB": 10_000, "200 KB": LARGE_BYTES}


def autosave(bench: Bench, *, rounds: int) -> Section:
    """Both sides change one file of a project of their own, of the same size, with
    `w: majority, j: true`."""
    figures: list[Figure] = []
    ratios: list[Ratio] = []
    for label, size in SIZES.items():
        like = project_near(size)
        service, bare = service_save(bench, copy_of(like)), bare_save(copy_of(like))
        found = interleave({"service": service, "bare": bare}, rounds=rounds)
        figures.append(Figure(f"save_file, project of {label}", found["service"], TARGET))
        figures.append(Figure(f"bare update_one, project of {label}", found["bare"]))
        for percent in (50, 95):
            sides = (found[side].percentile(percent) for side in ("service", "bare"))
            ratio = next(sides) / next(sides)
            limit = MOST_OVER_BARE if percent == 95 else None
            ratios.append(Ratio(f"service over bare at p{percent}, {label}", ratio, limit))
    return Section("Autosave, one file of a project (ms)", figures, ratios)


def copy_of(project: dict[str, Any]) -> dict[str, Any]:
    """A project to write to, so that the demo data stays as it was seeded."""
    copy = {key: value for key, value in project.items() if key not in ("_id", "archived_at")}
    copy |= {"id": "bench-" + new_id(), "revision": 0}
    mongo.database().projects.insert_one(copy)
    return copy


def remove_copies() -> None:
    mongo.database().projects.delete_many({"id": {"$regex": "^bench-"}})


def edited_file(project: dict[str, Any]) -> dict[str, Any]:
    """The one in the middle: neither the first nor the last that MongoDB looks at."""
    found: dict[str, Any] = project["files"][len(project["files"]) // 2]
    return found


def service_save(bench: Bench, project: dict[str, Any]) -> Callable[[], object]:
    edited = edited_file(project)
    state = {"content": edited["content"], "revision": 0, "number": 0}

    def save() -> None:
        content = next_content(edited["content"], state)
        saved = files.save_file(
            project["id"],
            path=edited["name"],
            content=content,
            base_content=state["content"],
            base_revision=state["revision"],
            actor=bench.actor,
            tab="benchmark",
        )
        state["content"], state["revision"] = content, saved.revision

    return save


def bare_save(project: dict[str, Any]) -> Callable[[], object]:
    collection = mongo.database().projects
    edited = edited_file(project)
    state = {"number": 0}

    def save() -> None:
        change = {
            "files.$.content": next_content(edited["content"], state),
            "updated_at": clock.now(),
        }
        where = {"id": project["id"], "files.name": edited["name"]}
        assert collection.update_one(where, {"$set": change}).matched_count

    return save


def next_content(original: str, state: dict[str, Any]) -> str:
    """What one more pause in typing leaves behind."""
    state["number"] += 1
    return f"{original}\n// {state['number']}\n"
