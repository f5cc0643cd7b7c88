from datetime import UTC, datetime, timedelta

import pytest
from django import forms
from django.template import Context, Template
from django.urls import NoReverseMatch, reverse
from hypothesis import given
from hypothesis import strategies as st

from devora_admin.core import clock
from devora_admin.shell.templatetags.shell import HUES, address, filesize_binary, hue, initials

NOW = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def still(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW)


def render(source: str, **values: object) -> str:
    return Template(source).render(Context(values))


@pytest.mark.parametrize(
    ("before", "text"),
    [
        (timedelta(seconds=5), "just now"),
        (timedelta(minutes=1), "1 minute ago"),
        (timedelta(hours=23, minutes=59), "23 hours ago"),
        (timedelta(days=6), "6 days ago"),
        (timedelta(days=9), "1 Mar"),
        (timedelta(days=400), "3 Feb 2025"),
        (-timedelta(days=2), "12 Mar"),
    ],
)
def test_a_time_reads_as_a_person_would_say_it(before: timedelta, text: str) -> None:
    assert f">{text}</time>" in render("{% ago moment %}", moment=NOW - before)


def test_a_time_keeps_the_exact_moment() -> None:
    html = render("{% ago moment %}", moment=datetime(2026, 3, 9, 8, 7, 6))  # noqa: DTZ001

    assert 'datetime="2026-03-09T08:07:06.000+00:00"' in html
    assert 'title="9 Mar 2026, 08:07:06 UTC"' in html


@pytest.mark.parametrize("value", [None, "yesterday", 7])
def test_what_is_no_time_is_a_dash(value: object) -> None:
    assert render("{% ago moment %}", moment=value) == "—"


@pytest.mark.parametrize(
    ("size_bytes", "text"),
    [
        (0, "0 B"),
        (1023, "1023 B"),
        (1024, "1.0 KB"),
        (16 * 1024**2, "16.0 MB"),
        (204_800, "200 KB"),
        (None, "—"),
    ],
)
def test_sizes_use_the_units_of_the_document_limit(size_bytes: int | None, text: str) -> None:
    assert filesize_binary(size_bytes) == text


@given(st.text())
def test_a_word_always_has_the_same_colour_whatever_its_case(word: str) -> None:
    assert hue(word) == hue(word)
    assert hue(word) in {f"hue-{number}" for number in range(HUES)}


@pytest.mark.parametrize(
    ("name", "letters"),
    [
        ("Ada Lovelace", "AL"),
        ("Ada King Lovelace", "AL"),
        ("kofi.mensah@example.org", "KM"),
        ("Zoë", "Z"),
        ("", "?"),
        ("!!", "?"),
        (None, "?"),
    ],
)
def test_initials_come_from_the_name_or_address(name: str | None, letters: str) -> None:
    assert initials(name) == letters


def test_a_customers_word_is_never_html() -> None:
    html = render("{% tag word %}{% avatar word %}", word="<script>alert(1)</script>")

    assert "<script>" not in html


class RenameForm(forms.Form):
    name = forms.CharField(help_text="Shown to the customer.")


def test_a_field_with_an_error_is_announced_with_it() -> None:
    form = RenameForm({"name": ""})
    form.is_valid()

    html = render("{% field form.name %}", form=form)

    assert 'aria-invalid="true"' in html
    described = html.split('aria-describedby="')[1].split('"')[0].split()
    assert described
    assert all(f'id="{each}"' in html for each in described)


@pytest.mark.parametrize(
    "key", ["a", "a b", "x/y", "", "a%b", "..", "a?b#c", "<'\">", "日本", "~:@"]
)
def test_an_address_is_the_one_django_gives(key):
    try:
        expected = reverse("projects:detail", args=[key])
    except NoReverseMatch:
        expected = ""
    assert address("projects:detail", key) == expected


def test_a_person_is_escaped_and_linked_when_there_is_an_address():
    linked = render("{% person who note href %}", who="<b>", note="<i>", href="/users/1/")
    assert (
        '<a href="/users/1/" title="&lt;b&gt;" dir="auto">&lt;b&gt;</a><small>&lt;i&gt;</small>'
        in linked
    )
    assert "<a" not in render("{% person who %}", who="Ana")
