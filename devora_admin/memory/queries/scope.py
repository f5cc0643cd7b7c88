"""Which rows a question may see, as conditions that every leg and the last reading carry."""

from dataclasses import dataclass, field
from typing import Any

from devora_admin.core.errors import InvalidInput
from devora_admin.memory.queries.answers import Asked
from devora_admin.memory.words import storable

KINDS = ("code", "project", "message", "issue", "note")
MOST_HITS = 200
_OF = "{{t}}.{} = %s"
_OF_USER = _OF.format("user_id")


@dataclass(frozen=True, slots=True)
class Scope:
    """Conditions joined by AND, and their values."""

    owner: list[str] = field(default_factory=list)
    """On user_id and project_id, which chunks and embeddings both have; {t} is the table."""
    owner_values: list[Any] = field(default_factory=list)
    filters: list[str] = field(default_factory=list)
    """On chunks alone, known as c."""
    filter_values: list[Any] = field(default_factory=list)

    @property
    def is_everyone(self) -> bool:
        return not self.owner

    @property
    def is_one_customers(self) -> bool:
        """All that one customer has."""
        return self.owner == [_OF_USER] and not self.filters

    def owned(self, table: str) -> tuple[str, list[Any]]:
        """Without the filters."""
        conditions = [each.format(t=table) for each in self.owner]
        return " AND ".join(conditions) or "true", self.owner_values

    def chunks(self) -> tuple[str, list[Any]]:
        """Of memory_chunk c, which staff did not reject."""
        owned, values = self.owned("c")
        conditions = [owned, *self.filters, "c.standing <> 'rejected'"]
        return " AND ".join(conditions), [*values, *self.filter_values]


def scope_of(asked: Asked) -> Scope:
    """Raises InvalidInput."""
    scope = Scope()
    for column, value in (("user_id", asked.user_id), ("project_id", asked.project_id)):
        if value:
            scope.owner.append(_OF.format(column))
            scope.owner_values.append(storable(value))
    for column, values in (("kind", asked.kinds), ("language", asked.languages)):
        if values:
            scope.filters.append(f"c.{column} = ANY(%s)")
            scope.filter_values.append([storable(value) for value in values])
    if asked.since and asked.until and asked.since >= asked.until:
        raise InvalidInput("The time ends before it begins.", field="until")
    for comparison, moment in ((">=", asked.since), ("<", asked.until)):
        if moment:
            scope.filters.append(f"c.at {comparison} %s")
            scope.filter_values.append(moment)
    if unknown := [kind for kind in asked.kinds if kind not in KINDS]:
        raise InvalidInput(f"There is no kind “{unknown[0][:40]}”.", field="kind")
    if not 1 <= asked.limit <= MOST_HITS:
        raise InvalidInput(f"Ask for 1 to {MOST_HITS} results.", field="limit")
    return scope
