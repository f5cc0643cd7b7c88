"""What customers say they prefer is understood, and what they do not say is not."""

import re
import time

import pytest

from devora_admin.memory.chunking.thread import pieces_of_messages
from devora_admin.memory.preferences.learning import evidence_of
from devora_admin.memory.preferences.statements import statements
from devora_admin.memory.preferences.vocabulary import mentions
from tests.memory.said import SAID
from tests.memory.said_later import LATER


def expected(marks: str) -> set[tuple[str, bool]]:
    return {(mark[1:], mark[0] == "+") for mark in re.split(r" (?=[+-])", marks) if mark}


def found(sentence: str) -> set[tuple[str, bool]]:
    return {(each.value, each.weight > 0) for each in statements(sentence)}


@pytest.mark.parametrize("sentences", [SAID, LATER])
def test_at_least_95_of_100_that_are_found_were_said_and_most_of_what_was_said_is_found(sentences):
    right = wrong = missed = 0
    faults = []
    for sentence, marks in sentences:
        said, heard = expected(marks), found(sentence)
        right += len(said & heard)
        wrong += len(heard - said)
        missed += len(said - heard)
        if said != heard:
            faults.append((sentence, sorted(said - heard), sorted(heard - said)))
    assert len(SAID) >= 150
    precision, recall = right / (right + wrong), right / (right + missed)
    assert precision >= 0.95, (precision, recall, faults)
    assert recall >= 0.9, (precision, recall, faults)


def test_a_quote_is_the_sentence_word_for_word_and_where_it_stands():
    text = "Hello.\nAlways use pnpm here!  And don't use 喜欢 Redux. 喜欢深色模式"
    for each in statements(text, turn=4):
        assert text[each.span_from : each.span_to] == each.quote
        assert each.turn == 4
    assert next(each.quote for each in statements(text)) == "Always use pnpm here!"


def test_code_that_was_pasted_is_not_said_however_long_it_is():
    code = "".join(f"const value{n} = compute(thing{n}, other{n});\n" for n in range(80))
    text = f"My file:\n```ts\n{code}// always use Redux\n{code}```\nPlease always use Vue.\n"
    pieces = list(pieces_of_messages([{"role": "user", "content": text}]))
    assert len(pieces) >= 5
    assert [each.value for each in evidence_of("message", pieces, ())] == ["vue"]


def test_only_the_quoted_lines_are_not_said():
    said = "> I never use Vue.\n  > nor Redux\n\nAlways use Tailwind.\nNever use Bootstrap."
    assert found(said) == {("tailwind", True), ("bootstrap", False)}


@pytest.mark.parametrize(
    "text", ["use react " * 100_000, "don't " * 20_000 + "use react", "a" * 1_000_000,
             '"' * 100_000, "don't not use react over vue instead of vue\n" * 20_000, "`" * 200_000,
             "use (" * 5000, "switch a b c " * 4000, "§" * 20_000 + " use react"]
)  # fmt: skip
def test_hostile_text_takes_no_long_time(text: str):
    started = time.process_time()
    list(statements(text))
    assert time.process_time() - started < 2  # of this process alone


def test_a_name_is_no_part_of_a_longer_one():
    named = [
        each.value for each in mentions("JavaScript Next-auth next.js React Query @emotion/x Go.")
    ]
    assert named == ["javascript", "nextauth", "next.js", "react query", "emotion", "go"]
