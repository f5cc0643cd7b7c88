import pytest
from hypothesis import given
from hypothesis import strategies as st

from devora_admin.memory.queries import snippets
from devora_admin.memory.queries.snippets import LINES


def snippet(text, matching, names, question):
    parts = snippets.parts_like(text, {word[:2].lower() for word in matching})
    return snippets.snippet(text, parts, matching, names, question)


def marked(found):
    return "".join(f"[{part.text}]" if part.is_match else part.text for part in found.segments)


def test_the_lines_with_most_different_matches_are_shown():
    text = "\n".join(
        ["save it"] * 3 + ["nothing"] * 20 + ["to save", "", "the basket"] + ["nothing"] * 20
    )
    found = snippet(text, {"save", "basket"}, set(), "")
    assert "[save]" in marked(found)
    assert "[basket]" in marked(found)
    assert marked(found).count("\n") < LINES


def test_without_a_match_the_lines_most_like_the_question_are_shown():
    text = "\n".join(["import os"] * 30 + ["def authenticated(user):", "    return True"])
    found = snippet(text, set(), set(), "how is authentication done")
    assert "authenticated" in marked(found)
    assert found.line > 20


def test_of_a_very_long_line_the_part_with_the_match_is_shown():
    found = snippet("x=1;" * 2000 + "basket.push()" + "y=2;" * 2000, {"basket"}, set(), "")
    assert "[basket].push()" in marked(found)
    assert len(marked(found)) < 250


def test_markup_is_text_and_stays_whole():
    assert marked(snippet("<b>save</b>", {"save"}, set(), "")) == "<b>[save]</b>"


def test_an_identifier_is_marked_as_a_whole_and_a_part_alone():
    text = "saveBasket(user_id, saveUser)"
    assert (
        marked(snippet(text, {"save"}, {"saveBasket"}, "")) == "[saveBasket](user_id, [save]User)"
    )


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("saveBasket(user_id, saveUser)", ["save", "save"]),
        ("HTTPServer, httpSave", ["Save"]),
        ("SAVE_ALL résavé saved2", ["SAVE", "saved2"]),
        ("喜saves", ["saves"]),
        ("sa" * 5000, [("sa" * 50)]),
    ],
)
def test_words_are_found_by_how_they_begin(text, parts):
    assert [text[start:end] for start, end in snippets.parts_like(text, {"sa"})] == parts
    found = snippets.parts_like("不喜欢深色模式", {"深", "模"})
    assert found == [(3, 4), (5, 6)]


@given(
    st.text("aB1_ .", max_size=60),
    st.sets(st.text("ab1_", min_size=1, max_size=2), max_size=3),
)
def test_words_begin_in_plain_text_as_they_do_beside_other_letters(text, beginnings):
    beside = snippets.parts_like(f"{text} é", beginnings)
    assert snippets.parts_like(text, beginnings) == beside


@given(st.text(max_size=300), st.sets(st.text("ab_", min_size=1, max_size=3)))
def test_a_snippet_is_whole_lines_of_its_text(text, names):
    found = snippet(text, set(text.split()), names, "ab")
    shown = "".join(part.text for part in found.segments)
    lines = text.split("\n")[found.line : found.line + LINES]
    assert shown == "\n".join(lines) or any(len(line) > 200 for line in lines)
