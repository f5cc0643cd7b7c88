"""Suggestions as their pages show them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.urls import NoReverseMatch, reverse

from devora_admin.core.errors import InvalidInput, NotFound
from devora_admin.core.pagination import Cursor, decode_cursor, encode_cursor
from devora_admin.projects.queries.names import Names, names
from devora_admin.support.suggestions import words
from devora_admin.support.suggestions.documents import HIT, hit, hit_by, suggestions
from devora_admin.users.queries.owners import Owner

PAGE = 50
MOST_COUNTED = 999
MOST_CUSTOMERS = 1000
STATES = {
    "new": "To look at",
    "opened": "Opened",
    "dismissed": "Dismissed",
    "gone": "Gone by itself",
}
_CUSTOMERS = "suggestion-customers"
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Place:
    text: str
    url: str
    """"" where nothing leads there."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    id: str
    kind: str
    state: str
    certainty: str
    certainty_label: str
    title: str
    hint: str
    advice: str
    at: datetime
    episode: int
    """How often it has begun."""
    revision: int
    places: tuple[Place, ...]
    found: int
    """Places, also those that are not listed."""
    customer: Owner | None
    project_id: str
    project: str
    message: str
    model: str
    count: int
    usual: int
    hourly: tuple[int, ...]
    customers: int
    """Whom a spike has hit: at most MOST_CUSTOMERS + 1, which means more."""
    first_at: datetime | None
    last_at: datetime | None
    decided_by: str
    decided_at: datetime | None
    reason: str
    issue: int
    """The number of the first that was opened, 0 for none."""
    issues: int

    @property
    def is_spike(self) -> bool:
        return self.kind == "spike"

    @property
    def customers_told(self) -> str:
        more = self.customers > MOST_CUSTOMERS
        return f"{MOST_CUSTOMERS:,}+" if more else f"{self.customers:,}"

    @property
    def can_be_opened(self) -> bool:
        """What has no customer whose account is there can be dismissed alone."""
        return self.is_spike or (self.customer is not None and self.customer.known)

    @property
    def more_places(self) -> int:
        return max(0, self.found - len(self.places))


@dataclass(frozen=True, slots=True)
class SuggestionsPage:
    rows: list[Suggestion]
    next: str
    """A cursor, "" at the end."""
    is_first: bool


@dataclass(frozen=True, slots=True)
class Hit:
    customer: Owner
    first_at: datetime
    last_at: datetime


@dataclass(frozen=True, slots=True)
class HitPage:
    rows: list[Hit]
    next: str


def suggestions_page(*, state: str = "new", kind: str = "", cursor: str = "") -> SuggestionsPage:
    """The latest first; three round trips. Raises InvalidInput."""
    if state not in STATES or kind not in ("", *words.KINDS):
        raise InvalidInput("Choose from the list.", field="state" if not kind else "kind")
    condition: Row = {"state": state, **({"kind": kind} if kind else {})}
    scope = f"suggestions:{state}:{kind}"
    if cursor:
        at, key = decode_cursor(cursor, scope=scope).key
        condition["$or"] = [{"at": {"$lt": at}}, {"at": at, "_id": {"$lt": key}}]
    order = [("at", -1), ("_id", -1)]
    found = list(suggestions().find(condition).sort(order).limit(PAGE + 1))
    rows = found[:PAGE]
    following = ""
    if len(found) > PAGE:
        following = encode_cursor(Cursor("after", scope, (rows[-1]["at"], rows[-1]["_id"])))
    return SuggestionsPage(_shown(rows), following, not cursor)


def waiting() -> int:
    """How many are to be looked at: at most MOST_COUNTED + 1, which means more."""
    return suggestions().count_documents({"state": "new"}, limit=MOST_COUNTED + 1)


def one(suggestion_id: str) -> Suggestion:
    """Raises NotFound."""
    return _shown([row_of(suggestion_id)])[0]


def row_of(suggestion_id: str) -> Row:
    """Raises NotFound."""
    row = suggestions().find_one({"_id": {"$eq": suggestion_id}})
    if row is None:
        raise NotFound("suggestion", suggestion_id[:40])
    return row


def project_of(row: Mapping[str, Any]) -> str:
    """What its project is called, "" without one."""
    project_id = row.get("project_id", "")
    return names([project_id], []).projects.get(project_id, "")


def customers_hit(suggestion_id: str, *, cursor: str = "") -> HitPage:
    """The latest first; three round trips. Raises NotFound, and InvalidInput for a damaged
    cursor."""
    condition: Row = hit_by(row_of(suggestion_id))
    if cursor:
        at, key = decode_cursor(cursor, scope=_CUSTOMERS).key
        condition["$or"] = [{"last_at": {"$lt": at}}, {"last_at": at, "_id": {"$lt": key}}]
    found = list(hit().find(condition).sort([("last_at", -1), ("_id", -1)]).limit(PAGE + 1))
    rows = found[:PAGE]
    following = ""
    if len(found) > PAGE:
        following = encode_cursor(
            Cursor("after", _CUSTOMERS, (rows[-1]["last_at"], rows[-1]["_id"]))
        )
    known = names([], [row["user_id"] for row in rows]).customers
    shown = [Hit(_owner(row["user_id"], known), row["first_at"], row["last_at"]) for row in rows]
    return HitPage(shown, following)


def _shown(rows: Sequence[Row]) -> list[Suggestion]:
    found = names(
        (row.get("project_id", "") for row in rows), (row.get("user_id", "") for row in rows)
    )
    counts = _counts([row for row in rows if row["kind"] == "spike"])
    return [_suggestion(row, found, counts.get(row["_id"], 0)) for row in rows]


def _counts(spikes: Sequence[Row]) -> dict[str, int]:
    """Each once, also where two accounts were merged; from an index, and no more than are shown as
    a number, as one spike may have hit everybody."""
    if not spikes:
        return {}
    first, *others = (_count(each) for each in spikes)
    stages = [*first, *({"$unionWith": {"coll": HIT, "pipeline": each}} for each in others)]
    return {row["id"]: row["n"] for row in hit().aggregate(stages)}


def _count(spike: Row) -> list[Row]:
    return [
        {"$match": hit_by(spike)},
        {"$limit": MOST_CUSTOMERS + 1},
        {"$group": {"_id": "$user_id"}},
        {"$count": "n"},
        {"$set": {"id": {"$literal": spike["_id"]}}},
    ]


def _suggestion(row: Row, found: Names, customers: int) -> Suggestion:
    is_spike, decided = row["kind"] == "spike", row.get("decided", {})
    project_id, issues = row.get("project_id", ""), row.get("issues", {})
    return Suggestion(
        id=row["_id"],
        kind=row["kind"],
        state=row["state"],
        certainty=row["certainty"],
        certainty_label=words.certainty_of(row),
        title=words.title_of(row),
        hint=row.get("hint", ""),
        advice=words.advice_of(row),
        at=row["at"],
        episode=row.get("episode", 1),
        revision=row["revision"],
        places=tuple(_place(each, project_id) for each in row.get("places", [])),
        found=row.get("found", 0),
        customer=_owner(row["user_id"], found.customers) if row.get("user_id") else None,
        project_id=project_id,
        project=found.projects.get(project_id, ""),
        message=words.said_by(row) if is_spike else "",
        model=row.get("model", ""),
        count=row.get("count", 0),
        usual=row.get("usual", 0),
        hourly=tuple(row.get("hourly", ())),
        customers=customers,
        first_at=row.get("first_at"),
        last_at=row.get("last_at"),
        decided_by=decided.get("by", ""),
        decided_at=decided.get("at"),
        reason=words.REASONS.get(decided.get("reason", ""), ""),
        issue=issues.get("first", 0),
        issues=issues.get("count", 0),
    )


def _owner(user_id: str, known: Mapping[str, Owner]) -> Owner:
    return known.get(user_id) or Owner(user_id, "", "", known=False)


def _place(place: Row, project_id: str) -> Place:
    return Place(words.place_of(place), _url(place, project_id))


def _url(place: Row, project_id: str) -> str:
    turn = place["turn"]
    try:
        if turn is not None:
            talk = reverse("projects:conversation", args=[project_id])
            return f"{talk}?turn={turn + 1}#turn-{turn + 1}"
        page = reverse("projects:detail", args=[project_id])
    except NoReverseMatch:  # an id that no address can hold
        return ""
    return f"{page}?{urlencode({'file': place['path']})}#L{place['line']}"
