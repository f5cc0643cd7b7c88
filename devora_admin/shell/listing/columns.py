"""Which columns a list shows: a choice kept in a cookie of this browser."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from devora_admin.shell.listing.forms import ListFormBase, changed

_YEAR_S = 365 * 24 * 60 * 60


@dataclass(frozen=True, slots=True)
class Column:
    key: str
    label: str
    sort: str = ""
    """The list's order by this column, without its sign."""
    is_number: bool = False
    is_text: bool = False
    """Sorted from A first; anything else from the newest."""
    is_fixed: bool = False
    """Shown whatever is chosen, as the list is about it."""


@dataclass(frozen=True, slots=True)
class ColumnSet:
    cookie: str
    title: Column
    """What each row is named by; always shown."""
    others: tuple[Column, ...]
    default: tuple[str, ...]

    def chosen(self, request: HttpRequest) -> list[Column]:
        kept = request.COOKIES.get(self.cookie)
        keys = self.default if kept is None else tuple(kept.split("."))
        return [column for column in self.others if column.key in keys or column.is_fixed]

    def keep(self, response: HttpResponse, keys: list[str]) -> None:
        """Unknown keys are dropped. None at all is a choice too: the name alone."""
        known = [column.key for column in self.others if column.key in keys]
        response.set_cookie(
            self.cookie, ".".join(known), max_age=_YEAR_S,
            samesite="Lax", httponly=True, secure=settings.SECURE_COOKIES,
        )  # fmt: skip


def header(form: ListFormBase, column: Column) -> dict[str, Any]:
    """aria: how the list is sorted by it; query: the list sorted by it, or the other way round."""
    current = form["sort"].value() or form.default_sort
    aria = {f"-{column.sort}": "descending", column.sort: "ascending"}.get(current, "")
    query = ""
    if column.sort:
        first = column.sort if column.is_text else f"-{column.sort}"
        other = current.removeprefix("-") if current.startswith("-") else f"-{current}"
        query = changed(form.given, sort=other if aria and current in form.SORTS else first)
    return {"column": column, "aria": aria if column.sort else "", "query": query}
