"""Addresses within analytics that go on with what is asked."""

from collections.abc import Mapping
from urllib.parse import urlencode

from django.urls import reverse


def explore(metric: str, query: Mapping[str, str], **more: str) -> str:
    asked = {"metric": metric, **query, **more}
    return f"{reverse('analytics:explore')}?{urlencode(asked)}"


def csv(chart: str, page: str, query: Mapping[str, str]) -> str:
    return f"{reverse('analytics:csv', args=[page, chart])}?{urlencode(query)}"
