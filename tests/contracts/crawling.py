"""Walks the site as a role: every route, every link and every form found on the way."""

import re
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urljoin, urlsplit

from django.test import Client
from django.urls import Resolver404, resolve

from tests.security.routes import routes

ALIKE = 2
"""Addresses of one route and one set of parameters that are followed."""
LINKS = {"href", "hx-get", "src", "data-url"}
SKIPPED = ("/static/", "/logout/")
TYPED = {"password": "not the password", "email": "no address", "number": "x", "checkbox": "on"}

Seen = Callable[[str, Any], None]
"""Is given every answer: what was asked, and the response."""


@dataclass
class Form:
    action: str
    fields: dict[str, str] = field(default_factory=dict)


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.links: list[str] = []
        self.forms: list[Form] = []
        self._open: Form | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.links += [given[name] for name in LINKS & given.keys()]
        if tag == "form":
            posts = given.get("method", "").lower() == "post" or "hx-post" in given
            action = given.get("hx-post") or given.get("action", "")
            self._open = Form(action) if posts else None
            if posts:
                self.forms.append(self._open)  # type: ignore[arg-type]
            else:
                self.links.append(action)
        elif "hx-post" in given:
            self.forms.append(Form(given["hx-post"]))
        elif self._open and tag in ("input", "textarea", "select", "button") and "name" in given:
            self._fill(given)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._open = None

    def _fill(self, given: Mapping[str, str]) -> None:
        kind = given.get("type", "text")
        kept = given.get("value", "") if kind in ("hidden", "radio", "submit") else ""
        assert self._open
        self._open.fields[given["name"]] = kept or TYPED.get(kind, "x")


class Crawl:
    """values: what to put into the varying parts of addresses, given a route's path."""

    def __init__(
        self,
        sign_in: Callable[[], Client],
        seen: Seen,
        values: Callable[[str, str], str],
        *,
        also: Iterable[str] = (),
    ) -> None:
        """also: addresses that only scripts ask for."""
        self._sign_in, self._seen, self._values = sign_in, seen, values
        self._also = tuple(also)
        self.client = sign_in()
        self.answers: dict[str, set[int]] = {}
        """Of each route, by its path: the statuses it was answered with."""
        self._alike: Counter[str] = Counter()
        self._forms: dict[str, Form] = {}

    def read_everything(self) -> None:
        waiting = deque([*self._every_route(), *self._also])
        while waiting:
            address = waiting.popleft()
            if self._is_new(address):
                waiting.extend(self._read(address))

    def send_every_form(self, changes: Mapping[str, str] | None = None) -> None:
        """As somebody would who gets it wrong."""
        for address, form in self._forms.items():
            self._ask("POST", address, {**form.fields, **(changes or {})})

    def send_nonsense(self) -> None:
        for address in self._every_route():
            self._ask("POST", address)
            nonsense = {"x": "\0", "id": "{}", "path": "[", "seen": "x", "reason": "x"}
            self._ask("POST", address, nonsense, HTTP_HX_REQUEST="true")

    def _every_route(self) -> Iterator[str]:
        for route in routes():
            yield route.address({name: self._values(route.path, name) for name in route.names})

    def _is_new(self, address: str) -> bool:
        parts = urlsplit(address)
        if parts.netloc or not parts.path.startswith("/") or parts.path.startswith(SKIPPED):
            return False
        try:
            route = resolve(parts.path).route
        except Resolver404:
            return False
        names = sorted(re.findall(r"(?:^|&)([^=&]*)", parts.query))
        self._alike[key := f"{route}?{names}"] += 1
        self._alike[address] += 1
        return self._alike[key] <= ALIKE and self._alike[address] == 1

    def _read(self, address: str) -> list[str]:
        found: list[str] = []
        is_first = resolve(urlsplit(address).path).route not in self.answers
        ways: list[dict[str, str]] = [{}]
        if is_first:
            ways += [{"HTTP_HX_REQUEST": "true"}, {"HTTP_ACCEPT": "application/json"}]
        for headers in ways:
            response = self._ask("GET", address, **headers)
            if "html" not in response.get("Content-Type", ""):
                continue
            page = _Page()
            page.feed(body(response).decode("utf-8", "replace"))
            found += [urljoin(address, link) for link in page.links]
            for form in page.forms:
                action = urljoin(address, form.action)
                if not action.startswith(SKIPPED):
                    self._forms.setdefault(action, Form(action, form.fields))
        return found

    def _ask(
        self, method: str, address: str, data: Mapping[str, str] | None = None, **headers: str
    ) -> Any:
        send = self.client.get if method == "GET" else self.client.post
        response = send(address, data or {}, **headers) if data else send(address, **headers)
        if _is_signed_out(response):
            self.client = self._sign_in()
        self._seen(f"{method} {address}", response)
        if method == "GET":
            try:
                route = resolve(urlsplit(address).path).route
            except Resolver404:
                return response
            self.answers.setdefault(route, set()).add(response.status_code)
        return response


def body(response: Any) -> bytes:
    if response.streaming:
        if not hasattr(response, "_whole"):
            response._whole = b"".join(response.streaming_content)
        return bytes(response._whole)
    return bytes(response.content)


def _is_signed_out(response: Any) -> bool:
    to = response.get("Location", "") or response.get("HX-Redirect", "")
    return response.status_code == 401 or to.startswith("/login/")
