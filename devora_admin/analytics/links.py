"""Addresses within analytics that go on with what is asked."""

from collections.abc import Mapping
from urllib.parse import urlencode

from django.urls import reverse

from devora_admin.analytics.points import Point


def explore(metric: str, query: Mapping[str, str], **more: str) -> str:
    asked = {"metric": metric, **query, **more}
    return f"{reverse('analytics:explore')}?{urlencode(asked)}"


def explored(point: Point) -> str:
    """The days of a point. Of several types of events, one is a filter and more are none."""
    asked: dict[str, str] = dict(point.held)
    if len(point.types) == 1:
        asked["event_type"] = point.types[0]
    query = {"first": point.first.isoformat(), "last": point.last.isoformat()}
    return explore("events", query, **asked)


def csv(chart: str, page: str, query: Mapping[str, str]) -> str:
    return f"{reverse('analytics:csv', args=[page, chart])}?{urlencode(query)}"
