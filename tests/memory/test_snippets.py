from hypothesis import given
from hypothesis import strategies as st

from devora_admin.memory.queries import snippets
from devora_admin.memory.queries.snippets import LINES


def snippet(text, matching, names, question):
    return snippets.snippet(text, list(snippets.parts_of(text)), matching, names, question)


def parts_of(text):
    return {text[start:end] for start, end in snippets.parts_of(text)}


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
    assert parts_of(text) == {"save", "Basket", "user", "id", "User"}
    assert (
        marked(snippet(text, {"save"}, {"saveBasket"}, "")) == "[saveBasket](user_id, [save]User)"
    )


@given(st.text(max_size=300), st.sets(st.text("ab_", min_size=1, max_size=3)))
def test_a_snippet_is_whole_lines_of_its_text(text, names):
    found = snippet(text, parts_of(text) and set(sorted(parts_of(text))[:2]), names, "ab")
    shown = "".join(part.text for part in found.segments)
    lines = text.split("\n")[found.line : found.line + LINES]
    assert shown == "\n".join(lines) or any(len(line) > 200 for line in lines)
