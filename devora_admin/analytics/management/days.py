"""Days as arguments of commands."""

from argparse import ArgumentTypeError
from datetime import date


def a_day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise ArgumentTypeError(f"{text!r} is no day such as 2026-11-28") from error
