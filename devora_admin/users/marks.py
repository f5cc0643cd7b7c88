"""What tells one customer's traces: their ids, addresses, names, and the ids of their projects."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal
from urllib.parse import quote

Kind = Literal["id", "email", "name", "project"]

# Ids this long do not come about by chance, so what stands around them does not matter.
_CERTAIN = 16
# So short a word stands anywhere, in numbers and lengths as well: an id is a whole value.
_COMMON = 8
_INSIDE_A_WORD = frozenset(b"abcdefghijklmnopqrstuvwxyz0123456789_-") | frozenset(range(0x80, 256))
_UUID_MIDDLE = re.compile(rb"-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-")
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


@dataclass(frozen=True)
class Marks:
    """ids: the customer's own id first, then those of accounts merged into it."""

    ids: tuple[str, ...]
    emails: frozenset[str] = frozenset()
    names: frozenset[str] = frozenset()
    """Only such as no other customer has, so that one found is theirs."""
    project_ids: frozenset[str] = frozenset()

    @property
    def customer_id(self) -> str:
        return self.ids[0]

    def with_more(
        self, *, emails: Iterable[str] = (), names: Iterable[str] = (), projects: Iterable[str] = ()
    ) -> "Marks":
        return replace(
            self,
            emails=self.emails | frozenset(emails),
            names=self.names | frozenset(names),
            project_ids=self.project_ids | frozenset(projects),
        )

    def found_in(self, data: bytes) -> set[Kind]:
        """Which kinds of marks stand in some bytes, in any case of ASCII letters."""
        lowered = data.lower()
        found: set[Kind] = {
            kind for kind, needle in self._needles if _stands_in(lowered, needle, kind)
        }
        if self._uuids and _has_uuid(lowered, self._uuids):
            found.add("project")
        return found

    @cached_property
    def _needles(self) -> list[tuple[Kind, bytes]]:
        wanted: list[tuple[Kind, str]] = [("id", each) for each in self.ids]
        for email in self.emails:
            wanted += [("email", each) for each in {email, quote(email)}]
        wanted += [("name", each) for each in self.names]
        wanted += [("project", each) for each in self.project_ids if not _is_uuid(each)]
        return [(kind, _bytes(text)) for kind, text in wanted if text]

    @cached_property
    def _uuids(self) -> frozenset[bytes]:
        return frozenset(_bytes(each) for each in self.project_ids if _is_uuid(each))


def _is_uuid(text: str) -> bool:
    return _UUID.fullmatch(text.lower()) is not None


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "replace").lower()


def _has_uuid(data: bytes, wanted: frozenset[bytes]) -> bool:
    # By the middle, which begins with a plain byte: looking for hundreds of ids one by one takes
    # hundreds of times as long.
    return any(
        data[place.start() - 8 : place.start() + 28] in wanted
        for place in _UUID_MIDDLE.finditer(data)
    )


def _stands_in(data: bytes, needle: bytes, kind: Kind) -> bool:
    is_common = kind in ("id", "project") and len(needle) < _COMMON
    at = data.find(needle)
    while at >= 0:
        if kind == "id" and len(needle) >= _CERTAIN:
            return True
        if is_common and _is_value(data, at, at + len(needle)):
            return True
        if not is_common and _is_whole(data, at, at + len(needle), kind):
            return True
        at = data.find(needle, at + 1)
    return False


def _is_value(data: bytes, start: int, end: int) -> bool:
    """Whether it is all there is, or all of a text of BSON or JSON."""
    if end - start == len(data):
        return True
    if data[end : end + 1] == b"\0":
        return data[max(start - 4, 0) : start] == (end - start + 1).to_bytes(4, "little")
    return data[max(start - 1, 0) : start] == b'"' == data[end : end + 1]


def _is_whole(data: bytes, start: int, end: int, kind: Kind) -> bool:
    """Whether no longer word or address goes on around it."""
    before = data[start - 1] if start else 0
    after = data[end] if end < len(data) else 0
    if before in _INSIDE_A_WORD or after in _INSIDE_A_WORD:
        return False
    if kind != "email":
        return True
    goes_on = after == 0x2E and end + 1 < len(data) and data[end + 1] in _INSIDE_A_WORD
    return before not in b".+%" and not goes_on


def is_distinctive(name: str) -> bool:
    """Whether a name is more than a word that stands in many places."""
    return len(name) >= 8 and len(name.split()) >= 2
