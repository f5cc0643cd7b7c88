"""Looks through texts with every detector."""

from bisect import bisect_right
from collections.abc import Iterator

from devora_admin.support.suggestions.scanning.finding import Finding
from devora_admin.support.suggestions.scanning.personal import PERSONAL
from devora_admin.support.suggestions.scanning.placeholders import is_passed_over
from devora_admin.support.suggestions.scanning.secrets import SECRETS

DETECTORS = {each.name: each for each in (*SECRETS, *PERSONAL)}
MOST_OF_A_TEXT = 50


def in_file(path: str, content: str) -> Iterator[Finding]:
    return iter(()) if is_passed_over(path) else in_text(content)


def in_text(text: str) -> Iterator[Finding]:
    """At most so many of one text: a list of a thousand cards is told by fifty."""
    left, starts = MOST_OF_A_TEXT, None
    for detector in DETECTORS.values():
        if not any(needle in text for needle in detector.needles):
            continue
        for place, value, certainty in detector.find(text):
            starts = starts or _line_starts(text)
            yield Finding(detector.name, value, bisect_right(starts, place), certainty)
            left -= 1
            if not left:
                return


def redacted(text: str) -> str:
    """With dots for whatever is found in it: of a short text that is to be shown."""
    for found in list(in_text(text)):
        for each in found.value.split("\n"):
            text = text.replace(each, "••••")
    return text


def masked(detector: str, value: str) -> str:
    """What may be shown of it: the last few characters at most, or how many it lists."""
    if detector == "emails":
        return f"{value.count(chr(10)) + 1:,} addresses"
    ending = DETECTORS[detector].ending
    return f"•••• {value[-ending:]}" if ending else ""


def _line_starts(text: str) -> list[int]:
    starts, place = [0], text.find("\n")
    while place >= 0:
        starts.append(place + 1)
        place = text.find("\n", place + 1)
    return starts
