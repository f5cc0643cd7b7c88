"""Every route of the site, found by walking it, and addresses made for it."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from django.urls import URLPattern, URLResolver, get_resolver

from devora_admin.staff.permissions import permission_of


@dataclass(frozen=True)
class Route:
    path: str
    """As declared, such as "projects/<str:project_id>/"."""
    permission: str
    view: Callable[..., Any]
    names: tuple[str, ...]
    """Of its parts that vary."""

    def address(self, values: Mapping[str, str]) -> str:
        """The path with each varying part put in, quoted."""
        found = self.path
        for name in self.names:
            for converter in ("str", "path", "number"):
                found = found.replace(f"<{converter}:{name}>", quote(values[name], safe=""))
        return "/" + found


def routes() -> list[Route]:
    return [
        Route(path, permission_of(entry.callback) or "", entry.callback, tuple(names))
        for path, entry, names in _walk(get_resolver(), "")
    ]


def _walk(resolver: URLResolver, prefix: str) -> Iterator[tuple[str, URLPattern, list[str]]]:
    for entry in resolver.url_patterns:
        path = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from _walk(entry, path)
        else:
            yield path, entry, list(entry.pattern.converters)
