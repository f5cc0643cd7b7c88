"""What was written to one customer, made fit to be written to another: what is known of the first
is replaced by what is known of the second, or by a mark that has to be filled in before it is sent.

Of names, ids and addresses those are found that are stored, and what has their shape. A link is
left out unless it leads to our own host: nobody can tell a page of help from a customer's app.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from email.utils import parseaddr
from urllib.parse import urlsplit

from django.conf import settings

from devora_admin.support.context.answers import LEFT_OUT
from devora_admin.support.queries.facts import Facts

NAME, EMAIL, PROJECT, ID, LINK = (
    f"[{what} left out]" for what in ("name", "e-mail", "project", "id", "link")
)
MARKS = (LEFT_OUT, NAME, EMAIL, PROJECT, ID, LINK)
_LINK = re.compile(r"\b(?:https?://|www\.)[^\s<>\"'`]+[^\s<>\"'`.,;:!?)\]}*_]", re.I)
_EMAIL = re.compile(r"[\w.+%-]+@[\w-]+(?:\.[\w-]+)+")
_ID = re.compile(
    r"\b(?:[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}|(?=[a-f]*\d)[0-9a-f]{16,})\b", re.I
)
_LEAST = 3
"""Letters of a part of a name that is looked for by itself, but for the first."""


@dataclass(frozen=True, slots=True)
class Whose:
    """An issue, and what is known of its customer and project."""

    number: int
    user_id: str
    project_id: str
    facts: Facts


def rewritten(text: str, *, theirs: Whose, ours: Whose) -> str:
    """theirs: whom it was written to. ours: whom it is written to now."""
    text = _LINK.sub(lambda found: found[0] if _is_own(found[0], theirs) else LINK, text)
    text = _EMAIL.sub(
        lambda found: found[0] if found[0].lower() in _own_addresses() else EMAIL, text
    )
    for known in filter(None, (theirs.facts.email, theirs.user_id, theirs.project_id)):
        text = text.replace(known, EMAIL if known == theirs.facts.email else ID)
    text = _ID.sub(ID, text)
    text = re.sub(rf"#{theirs.number}\b", f"#{ours.number}", text)
    return _put(text, _names(theirs.facts, ours.facts))


def marks_in(text: str) -> list[str]:
    return [mark for mark in MARKS if mark in text]


def _names(theirs: Facts, ours: Facts) -> dict[str, str]:
    """What is looked for, the longest first, and what stands in its place."""
    first, *others = theirs.name.split() or [""]
    found = dict.fromkeys((each for each in others if len(each) >= _LEAST), NAME)
    found |= {first: (ours.name.split() or [NAME])[0]} if len(first) > 1 else {}
    found |= {theirs.name: ours.name or NAME} if others else {}
    if len(theirs.project_name) > 1:
        found[theirs.project_name] = ours.project_name or PROJECT
    return dict(sorted(found.items(), key=lambda each: -len(each[0])))


def _put(text: str, names: dict[str, str]) -> str:
    """In one pass, so that what was put in is not looked through. As typed, or all in capitals: in
    small letters many a name is a word."""
    by_shape = {shape: put for name, put in names.items() for shape in (name.upper(), name)}
    if not by_shape:
        return text
    wanted = "|".join(re.escape(each) for each in sorted(by_shape, key=len, reverse=True))
    return re.sub(rf"(?<!\w)(?:{wanted})(?!\w)", _from(by_shape), text)


def _from(by_shape: dict[str, str]) -> Callable[[re.Match[str]], str]:
    return lambda found: by_shape[found[0]]


def _is_own(link: str, theirs: Whose) -> bool:
    """To our own host, and with nothing of theirs in it."""
    host = urlsplit(link if "://" in link else f"https://{link}").hostname or ""
    ours = {urlsplit(settings.PUBLIC_URL or "").hostname, *_domains()} - {None, ""}
    return host in ours and not any(each in link.lower() for each in _tokens(theirs))


def _tokens(theirs: Whose) -> Iterable[str]:
    known = (theirs.user_id, theirs.project_id, theirs.facts.email, *theirs.facts.name.split())
    slug = "-".join(theirs.facts.project_name.split())
    return [each.lower() for each in (*known, slug) if len(each) >= _LEAST]


def _own_addresses() -> set[str]:
    given = (settings.SUPPORT_EMAIL, settings.SUPPORT_REPLY_TO or "")
    return {parseaddr(each)[1].lower() for each in given} - {""}


def _domains() -> set[str]:
    domains = {each.rpartition("@")[2] for each in _own_addresses()}
    return {f"{before}{each}" for each in domains for before in ("", "www.", "docs.", "help.")}
