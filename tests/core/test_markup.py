"""Code in colours, and what happens to code that would take forever."""

import re
import time
from html import unescape

import pytest

from devora_admin.core import markup


def text_of(html: str) -> str:
    return unescape(re.sub(r"<[^>]+>", "", html))


@pytest.mark.parametrize(
    ("language", "text"),
    [("c", "\n" * 50_000), ("java", "a " * 25_000 + "\n"), ("markdown", "\n" * 50_000)],
)
def test_code_that_a_lexer_takes_minutes_for_is_shown_in_time_and_whole(language, text):
    start = time.monotonic()
    html = markup.code(text, language)
    assert time.monotonic() - start < 20  # unbounded, the first takes over a minute
    assert text_of(html) == text


def test_code_keeps_its_text_whatever_its_line_ends():
    text = "\ufeffint a = 1; // <b>\r\n\r\nreturn a;\r\n\n"
    html = markup.code(text, "c")
    assert '<span class="' in html
    assert text_of(html) == text.removeprefix("\ufeff").replace("\r\n", "\n")
