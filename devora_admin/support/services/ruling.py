"""What the rules say of an issue that is about to be opened. They never keep it from being opened:
what goes wrong with them is logged, and the issue stays as it was asked for."""

import logging
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import pymongo
from pymongo.client_session import ClientSession

from devora_admin.support.queries import facts
from devora_admin.support.queries.facts import Facts
from devora_admin.support.queries.issue import Issue
from devora_admin.support.queries.rules import Rule, every_rule, rule_of
from devora_admin.support.services import people, texts, turns

if TYPE_CHECKING:
    from devora_admin.support.services.opening import NewIssue

PATIENCE_S = 1.0
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Ruled:
    new: "NewIssue"
    rules: list[str] = field(default_factory=list)
    """Names of those that changed it."""
    before: dict[str, Any] = field(default_factory=dict)
    """The values they changed, as they were asked for."""
    after: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Asked:
    """What rules look at."""

    source: str
    priority: str
    tags: Collection[str]
    subject: str
    user_id: str
    project_id: str

    @cached_property
    def facts(self) -> Facts:
        """Read once, by the first rule that asks."""
        return facts.facts(self.user_id, self.project_id)

    def matches(self, rule: Rule) -> bool:
        when, subject = rule.when, self.subject.casefold()
        return (
            when.source in ("", self.source)
            and when.priority in ("", self.priority)
            and (not when.tag or when.tag in self.tags)
            and (not when.words or any(word.casefold() in subject for word in when.words))
            and (not when.plan or _same(when.plan, self.facts.plan))
            and (not when.project_type or _same(when.project_type, self.facts.project_type))
        )


def rule_on(
    new: "NewIssue", rules: Iterable[Mapping[str, Any]], *, session: ClientSession
) -> Ruled:
    """rules: the active ones as they are stored. Reads outside of the transaction, so that no fault
    of theirs ends it."""
    try:
        with pymongo.timeout(PATIENCE_S):
            return _ruled(new, rules, session)
    except Exception:
        log.exception("the rules failed; the issue is opened without them")
        return Ruled(new)


def matching(issue: Issue) -> list[Rule]:
    """The active ones that an issue like this would meet, in their order."""
    asked = Asked(
        issue.source, issue.priority, issue.tags, issue.subject, issue.user_id, issue.project_id
    )
    return [rule for rule in every_rule(active_only=True) if asked.matches(rule)]


def _ruled(new: "NewIssue", rules: Iterable[Mapping[str, Any]], session: ClientSession) -> Ruled:
    asked = Asked(new.source.kind, new.priority, new.tags, new.subject, new.user_id, new.project_id)
    whole = Ruled(new)
    for rule in map(rule_of, rules):
        if asked.matches(rule):
            whole = _follow(rule, whole, session)
    return whole


def _follow(rule: Rule, so_far: Ruled, session: ClientSession) -> Ruled:
    """The first with somebody to give it to assigns, the first with a priority sets it, and tags
    add up. Who opens it for somebody goes before all of them."""
    new = so_far.new
    put: dict[str, Any] = {}
    if rule.people and not new.assignee_id and (able := people.at_work(rule.people)):
        opening = hash((new.user_id, new.subject, new.text))
        put["assignee_id"] = turns.next_of(rule.id, able, opening=opening, session=session)
    if rule.priority and "priority" not in so_far.after and rule.priority != new.priority:
        put["priority"] = rule.priority
    tags = [*new.tags, *(each for each in rule.tags if each not in new.tags)][: texts.MOST_TAGS]
    if len(tags) > len(new.tags):
        put["tags"] = sorted(tags)
    if not put:
        return so_far
    was = {key: _plain(getattr(new, key)) for key in put}
    return Ruled(
        replace(new, **put),
        [*so_far.rules, rule.name],
        {**was, **so_far.before},
        {**so_far.after, **put},
    )


def _plain(value: Any) -> Any:
    return value if isinstance(value, str) else list(value)


def _same(one: str, other: str) -> bool:
    return one.casefold() == other.casefold()


def sentence(before: Any, after: Any) -> str:
    """What the audit log says."""
    names = [f"“{each}”" for each in after.get("rules") or ()]
    which = f"the rule{'s' if len(names) > 1 else ''} {' and '.join(names)}"
    return f"{'Assigned' if 'assignee_id' in after else 'Changed'} by {which}"
