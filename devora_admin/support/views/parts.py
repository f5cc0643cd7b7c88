"""Parts of an issue's page that are fetched after it; without JavaScript each is a page."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from devora_admin.core.http import is_htmx
from devora_admin.support.cause import url_of
from devora_admin.support.queries.issue import Issue


def drawn(
    request: HttpRequest, issue: Issue, title: str, template: str, context: dict[str, Any]
) -> HttpResponse:
    values = {"issue": issue, "issue_url": url_of(str(issue.number)), **context}
    if is_htmx(request):
        return render(request, template, values)
    return render(
        request, "support/part.html", values | {"part_title": title, "part_template": template}
    )
