"""Rises of errors as they are told, and the suggestions there are."""

from datetime import timedelta
from typing import Any

from devora_admin.core import clock, job_runner
from devora_admin.support.suggestions import deciding, queries
from devora_admin.support.suggestions.spiking import Fault, Rise

URL = "/support/suggestions/"
HOUR = timedelta(hours=1)


def run_jobs() -> None:
    while job_runner.run_next("test"):
        pass


def rise(*user_ids: str, name: str = "f" * 40, is_rising: bool = True, count: int = 12) -> Rise:
    now = clock.now()
    fault = Fault(name, "error", "E_DEPLOY", "the registry answered #", "")
    hours = tuple((now.replace(minute=0, second=0, microsecond=0) - HOUR * n, count)
                  for n in reversed(range(3)))  # fmt: skip
    hit = dict.fromkeys(user_ids, (now - timedelta(minutes=9), now))
    return Rise(fault, is_rising, "likely", 1, hours, now, now, hit)


def only() -> queries.Suggestion:
    (found,) = queries.suggestions_page().rows
    return found


def wanted(**more: Any) -> deciding.Wanted:
    fields = {"subject": "A key", "text": "Look", "priority": "high", "tags": ["secret"]}
    return deciding.Wanted(**{**fields, **more})
