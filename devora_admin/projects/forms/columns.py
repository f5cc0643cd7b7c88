"""Which columns the list shows: a choice kept in a cookie of this browser."""

from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest, HttpResponse

_COOKIE = "projects_columns"
_YEAR_S = 365 * 24 * 60 * 60


@dataclass(frozen=True, slots=True)
class Column:
    key: str
    label: str
    sort: str = ""
    """The list's order by this column, without its sign."""
    is_number: bool = False


NAME = Column("name", "Name", sort="name")
COLUMNS = (
    Column("owner", "Owner"),
    Column("type", "Type"),
    Column("files", "Files", is_number=True),
    Column("size", "Size", is_number=True),
    Column("updated", "Updated", sort="updated"),
    Column("created", "Created", sort="created"),
    Column("archived", "Archived"),
)
_DEFAULT = ("owner", "type", "files", "size", "updated", "archived")


def chosen_columns(request: HttpRequest) -> list[Column]:
    kept = request.COOKIES.get(_COOKIE)
    keys = _DEFAULT if kept is None else tuple(kept.split("."))
    return [column for column in COLUMNS if column.key in keys]


def keep_columns(response: HttpResponse, keys: list[str]) -> None:
    """Unknown keys are dropped. None at all is a choice too: the name alone."""
    known = [column.key for column in COLUMNS if column.key in keys]
    response.set_cookie(
        _COOKIE, ".".join(known), max_age=_YEAR_S,
        samesite="Lax", httponly=True, secure=settings.SECURE_COOKIES,
    )  # fmt: skip
