"""Support issues of a point of a chart or of a segment: one about the platform, or one for each of
the customers."""

from collections.abc import Collection, Iterator
from dataclasses import asdict, dataclass

from devora_admin.analytics.segments.groups import GROUPS
from devora_admin.core import jobs
from devora_admin.core.errors import InvalidInput
from devora_admin.core.jobs import ItemResult, Job
from devora_admin.staff import audit, bulk
from devora_admin.support.services import texts
from devora_admin.support.services.opening import NewIssue, Opened, Source, open_issue

EACH, PERMISSION = "analytics.open_each", "issues.work"


@dataclass(frozen=True, slots=True)
class Wanted:
    """The issue, as the person who opens it wants it."""

    subject: str
    text: str
    priority: str
    tags: Collection[str]
    asked: str
    """Names the form: what is sent twice opens no second issue."""


def register() -> None:
    """Called once, when the app is ready."""
    jobs.handles(EACH, permission=PERMISSION, unit="issue")(_run)


def open_one(wanted: Wanted, *, actor: audit.Actor) -> Opened:
    """About the platform. Raises InvalidInput naming the field."""
    return open_issue(_issue(wanted, "", wanted.asked), actor=actor)


def open_each(key: str, wanted: Wanted, *, actor: audit.Actor) -> str:
    """One issue for each customer of a group, by a job; returns its id. Raises InvalidInput."""
    customers = GROUPS["customers"]
    customers.check_whole(key)
    total = len(customers.ids(key))
    if not total:
        raise InvalidInput("There is no customer in it. Open one issue.", field="whom")
    params = {
        "group": key, **asdict(wanted), "subject": texts.subject(wanted.subject),
        "text": texts.message(wanted.text), "tags": texts.tags(wanted.tags),
    }  # fmt: skip
    stored = {"id": actor.id, "email": actor.email, "name": actor.name, "role": actor.role}
    title = f"Open {total:,} issue{'' if total == 1 else 's'} of a chart"
    return jobs.enqueue(EACH, title=title, actor=stored, params=params, total=total)


def _issue(wanted: Wanted, user_id: str, part: str) -> NewIssue:
    return NewIssue(
        user_id=user_id,
        subject=wanted.subject,
        text=wanted.text,
        priority=wanted.priority,
        tags=wanted.tags,
        source=Source("chart", fingerprint=f"chart:{part}"),
    )


def _run(job: Job) -> Iterator[ItemResult]:
    names = ("subject", "text", "priority", "tags", "asked")
    wanted = Wanted(*(job.params[name] for name in names))

    def to_one(user_id: str, *, actor: audit.Actor) -> str:
        opened = open_issue(_issue(wanted, user_id, f"{wanted.asked}:{user_id}"), actor=actor)
        return f"#{opened.number}"

    return bulk.to_each(_customers(job), "customer", job, to_one)


def _customers(job: Job) -> bulk.Subjects:
    after = job.cursor or ""
    for user_id in sorted(GROUPS["customers"].ids(job.params["group"])):
        if user_id > after:
            yield user_id, "A customer", user_id
