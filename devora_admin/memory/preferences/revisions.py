"""What became of what the AI chose: kept through later work, or taken out by a person again."""

from collections.abc import Iterator, Sequence
from datetime import timedelta

from devora_admin.memory.chunking.project import needed
from devora_admin.memory.preferences.evidence import Evidence
from devora_admin.memory.preferences.manifests import named_by, path_of
from devora_admin.versions.queries.over_time import Moment

MANIFESTS = ("package.json", "requirements.txt", "pyproject.toml", "composer.json", "Gemfile",
             "go.mod")  # fmt: skip
MOST_VERSIONS = 100
KEPT_AFTER = timedelta(days=7)
_KEPT, _REVERTED, _CHOSEN = 0.15, -0.5, 0.4
_PEOPLE = ("customer",)


def evidence_of_moments(moments: Sequence[Moment]) -> Iterator[Evidence]:
    """moments: versions that changed a manifest, the oldest first.

    Staff who edit a project are not its customer, and say nothing about what that one likes.
    """
    added_by: dict[str, Moment] = {}
    before: set[str] = set()
    for place, moment in enumerate(moments):
        now = _terms(moment)
        if place:  # of the first nobody knows who had chosen what
            for term in sorted(now - before):
                added_by[term] = moment
                if moment.author.kind in _PEOPLE:
                    yield _evidence(term, _CHOSEN, "chosen", moment)
            for term in sorted(before - now):
                chosen = added_by.pop(term, None)
                if chosen and chosen.author.kind == "ai" and moment.author.kind in _PEOPLE:
                    yield _evidence(term, _REVERTED, "reverted", moment, chosen.author.turn)
        before = now
    for term, moment in sorted(added_by.items()):
        is_old = moments[-1].at - moment.at >= KEPT_AFTER
        if moment.author.kind == "ai" and is_old:
            yield _evidence(term, _KEPT, "kept", moment, moment.author.turn)


def _terms(moment: Moment) -> set[str]:
    return {
        term
        for path, content in moment.contents.items()
        for term in needed(path.lower(), content.decode("utf-8", "replace"))
        if named_by(term)
    }


def _evidence(
    term: str, weight: float, kind: str, moment: Moment, turn: int | None = None
) -> Evidence:
    named = named_by(term)
    assert named is not None  # noqa: S101  filtered before
    topic, value = named
    quote = term.partition(":")[2]
    return Evidence(
        topic, value, weight, kind, quote, path=path_of(term), turn=turn, at=moment.at  # type: ignore[arg-type]
    )  # fmt: skip
