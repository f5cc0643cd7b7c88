"""What was found, in words: for its page, and for the issue that is opened of it."""

from collections.abc import Mapping
from typing import Any

from devora_admin.support.suggestions.scanning.finding import Detector
from devora_admin.support.suggestions.scanning.scan import DETECTORS

Row = Mapping[str, Any]
KINDS = {"secret": "Secret", "personal": "Personal data", "spike": "Rise of errors"}
CERTAINTIES = {"sure": "Sure", "likely": "Likely", "possible": "Possible"}
REASONS = {
    "known": "We know of it already",
    "not_real": "It is not real, or only a test",
    "public": "It is meant to be public",
    "small": "It is too small to be worth an issue",
}
_EVENTS = {"error": "Errors", "generation_failed": "Failed generations"}
_UNKNOWN = Detector(
    "", "Something found in a project", "secret", (), lambda text: iter(()),
    "See what it is, and whether it should be there.",
)  # fmt: skip
"""For what a release found whose detectors this one does not have."""
_SPIKE_ADVICE = "See whether something was changed when it began, and tell those it hit."


def title_of(row: Row) -> str:
    if row["kind"] != "spike":
        return _detector(row).label
    return f"{_EVENTS.get(row['event_type'], row['event_type'])}: {said_by(row)}"[:200]


def said_by(row: Row) -> str:
    """Of a spike: the code and the message that its events share."""
    return " · ".join(filter(None, (row["code"], row["message"]))) or "without a message"


def advice_of(row: Row) -> str:
    return _SPIKE_ADVICE if row["kind"] == "spike" else _detector(row).advice


def place_of(place: Row) -> str:
    if place["turn"] is not None:
        return f"turn {place['turn'] + 1} of the conversation"
    return f"{place['path']}, line {place['line']}"


def subject_of(row: Row, project: str) -> str:
    if row["kind"] == "spike":
        return title_of(row)
    where = f" in {project}" if project else ""
    return f"{_detector(row).label}{where}"[:200]


def text_of(row: Row, project: str) -> str:
    """Markdown, with what was found and where, and never what it is."""
    if row["kind"] == "spike":
        model = f", with {_code(row['model'])}" if row["model"] else ""
        return (
            f"{_EVENTS.get(row['event_type'], row['event_type'])} rose{model}: {row['count']:,}"
            f" since it began, usually {row['usual']:,} an hour.\n\n"
            f"> {_code(said_by(row))}\n\n{_SPIKE_ADVICE}"
        )
    detector = _detector(row)
    hint = f" ({row['hint']})" if row["hint"] else ""
    lines = [f"- {_code(place_of(each))}" for each in row["places"]]
    if row["found"] > len(lines):
        lines.append(f"- and {row['found'] - len(lines):,} more")
    return "\n".join([f"{detector.label}{hint} was found:", "", *lines, "", detector.advice])


def priority_of(row: Row) -> str:
    return "high" if row["certainty"] == "sure" else "normal"


def tags_of(row: Row) -> list[str]:
    tags = {"secret": ["secret"], "personal": ["personal-data"], "spike": ["spike"]}
    return tags.get(row["kind"], [])


def certainty_of(row: Row) -> str:
    return CERTAINTIES.get(row["certainty"], CERTAINTIES["possible"])


def _detector(row: Row) -> Detector:
    return DETECTORS.get(row["detector"], _UNKNOWN)


def _code(text: str) -> str:
    """A span of code, so that nothing in it is read as Markdown. A blank line would end it."""
    plain = " ".join(text.replace("`", "'").split())
    return f"`{plain}`"
