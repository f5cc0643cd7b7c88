"""What e-mails to staff say, put into the outbox with what they tell of."""

from collections.abc import Sequence
from datetime import datetime
from email.utils import parseaddr
from typing import Any
from urllib.parse import urljoin
from zoneinfo import ZoneInfo

from django.conf import settings
from django.urls import reverse
from pymongo.client_session import ClientSession

from devora_admin.analytics import links
from devora_admin.analytics.alerts.documents import outbox
from devora_admin.analytics.alerts.looking import Look
from devora_admin.analytics.alerts.rule import Rule
from devora_admin.analytics.alerts.windows import HOURLY, Window
from devora_admin.analytics.charts import words
from devora_admin.analytics.periods import DAY
from devora_admin.core.ids import new_id

Row = dict[str, Any]
_KINDS = {"fired": "Alert", "reminder": "Still firing", "over": "Over"}
_LONGEST_SUBJECT = 200


def of_alert(
    rule: Rule, kind: str, episode: Row, look: Look | None, zone: ZoneInfo, now: datetime
) -> list[Row]:
    """One for each person; each of an episode begins once and is over once."""
    value = words.told(look.reading.value if look else episode["value"], rule.of.unit)
    lines = [rule.sentence + "."]
    if look:
        lines.append(f"It is {value} in the time until {_time(look.window.until, zone)}.")
        if look.judged.usual is not None:
            low, high = (
                words.told(each, rule.of.unit) for each in (look.judged.low, look.judged.high)
            )
            lines.append(
                f"Usual is {words.told(look.judged.usual, rule.of.unit)}, which is the median of "
                f"the same time of the last {rule.weeks} weeks; {low} to {high} is within it."
            )
    lines.append(f"It began to fire with the time until {_time(episode['since'], zone)}.")
    where = [("Open the alert", reverse("analytics:alert", args=[rule.id]))]
    if look:
        where.insert(0, ("Open the chart", chart_url(rule, look.window, zone)))
    marker = f"{kind}:{now:%Y%m%dT%H%M%S}" if kind == "reminder" else kind
    subject = line(f"{_KINDS[kind]}: {rule.name}: {rule.of.label} {value}")
    return [
        letter(f"alert:{episode['id']}:{marker}:{each}", each, "alert", subject, lines, where, now)
        for each in rule.people
    ]


def letter(
    key: str, to: str, kind: str, subject: str, lines: Sequence[str],
    where: Sequence[tuple[str, str]], now: datetime,
) -> Row:  # fmt: skip
    """key: says what it is of and for whom."""
    domain = parseaddr(settings.SUPPORT_EMAIL)[1].rpartition("@")[2]
    return {
        "_id": key, "to": to, "kind": kind, "subject": subject, "lines": list(lines),
        "links": [[label, path] for label, path in where], "state": "waiting",
        "mail_id": f"<{new_id()}@{domain}>", "queued_at": now, "due_at": now, "attempts": 0,
    }  # fmt: skip


def enqueue(mails: Sequence[Row], *, session: ClientSession) -> None:
    if mails:
        outbox().insert_many(list(mails), session=session)


def line(text: str) -> str:
    """On one line, whatever somebody called it."""
    shown = "".join(each if each.isprintable() else " " for each in text)
    return " ".join(shown.split())[:_LONGEST_SUBJECT]


def chart_url(rule: Rule, window: Window, zone: ZoneInfo) -> str:
    """The days around a window, as explore shows them."""
    span = window.span(zone)
    first = span.first - (1 if rule.lasting in HOURLY else 27) * DAY
    grain = "hour" if rule.lasting in HOURLY else "week" if rule.lasting == "week" else "day"
    asked = {"first": first.isoformat(), "last": span.last.isoformat(), "grain": grain}
    return links.explore(rule.metric, {**rule.where, **asked})


def absolute(path: str) -> str:
    """ "" where nobody told by which address staff come here."""
    return urljoin(settings.PUBLIC_URL, path) if settings.PUBLIC_URL else ""


def _time(moment: datetime, zone: ZoneInfo) -> str:
    local = moment.astimezone(zone)
    return f"{local.day} {local:%b %Y %H:%M} ({zone.key})"
