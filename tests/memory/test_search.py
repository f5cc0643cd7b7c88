"""Finding by meaning, words and identifiers, at the edge that pages use."""

from datetime import timedelta

import pytest
from django.db import connections

from devora_admin.core.errors import InvalidInput
from devora_admin.memory.embedding import BadVector, Vector
from devora_admin.memory.queries import (
    by_identifier,
    by_meaning,
    by_words,
)
from devora_admin.memory.queries.scope import Scope
from devora_admin.memory.queries.search import Asked, recall, search
from devora_admin.memory.store import reach
from devora_admin.memory.store.models import Chunk, Embedding, EmbeddingModel
from tests.memory import rows
from tests.memory.searched import CART, DARK, LOGIN, NOT_DARK, texts

pytestmark = pytest.mark.usefixtures("memory", "fresh")


def shown(hit):
    return "".join(f"[{part.text}]" if part.is_match else part.text for part in hit.snippet)


def why(hit):
    return {reason.leg: reason.detail for reason in hit.reasons}


def test_a_description_finds_code_that_has_none_of_its_words(some):
    best = search(Asked("log someone on with their credentials")).hits[0]
    assert best.text == LOGIN
    assert why(best)["meaning"].startswith("close in meaning (0.")


def test_what_is_only_nearest_is_not_called_close(some):
    answer = search(Asked("a" * 40))
    assert len(answer.hits) == len(some)
    assert answer.note == "Nothing is close; these are the nearest."
    assert all(why(hit)["meaning"].startswith("loosely related (") for hit in answer.hits)
    assert search(Asked("log someone on with their credentials")).note == ""
    assert search(Asked("zzzz saveBasket zzzz")).note == ""
    assert recall("u", "a" * 40).note == "Nothing is close; these are the nearest."


def test_each_hit_says_where_it_is_and_why_it_matched(some):
    answer = search(Asked("where does addToCart save an item to the basket?"))
    best = answer.hits[0]
    assert (best.path, best.line_from, best.snippet_line) == ("src/cart.ts", 11, 11)
    assert set(why(best)) == {"meaning", "words", "identifier"}
    assert why(best)["identifier"] == "addToCart"
    assert {"save", "item", "basket"} <= set(why(best)["words"].split(", "))
    assert "[addToCart]([item])" in shown(best)
    assert "[save][Basket]([basket])" in shown(best) or "[saveBasket]([basket])" in shown(best)
    assert {leg.leg: leg.how for leg in answer.legs}["meaning"] == "exact"
    assert "".join(part.text for part in best.snippet) == CART


@pytest.mark.parametrize("text", [DARK, NOT_DARK])
@pytest.mark.parametrize("with_vectors", [True, False])
def test_opposites_that_differ_in_two_characters_are_told_apart(some, text, with_vectors):
    if not with_vectors:
        Embedding.objects.all().delete()
        EmbeddingModel.objects.all().delete()
    answer = search(Asked(text))
    assert answer.is_words_only is not with_vectors
    assert texts(answer)[0] == text


def test_without_vectors_words_are_found_and_the_page_is_told(some):
    EmbeddingModel.objects.update(state="building")
    answer = search(Asked("basket"))
    assert answer.is_words_only
    assert texts(answer) == [CART]
    assert answer.note.startswith("Found by words alone.")


def test_vectors_of_another_model_are_never_compared(some, embedder, model):
    stranger = Vector.of(
        type("Other", (), {"name": "other", "revision": "1", "dims": model.dims}),
        embedder.embed(["basket"])[0].values,
    )
    of = by_meaning.ActiveModel(model.pk, model.name, model.revision, model.dims)
    with pytest.raises(BadVector), reach.reading() as cursor:
        by_meaning.find(cursor, stranger, of, Scope(), rows=10, total=10, limit=5)
    EmbeddingModel.objects.update(name="a model that is not here")
    answer = search(Asked("basket"))
    assert answer.is_words_only
    assert "a model that is not here" in answer.note


def test_the_same_text_of_a_project_is_shown_once(some):
    same = {"text": CART, "path": "src/cart.ts", "symbol": "addToCart", "source": some[0].source}
    rows.chunks([dict(same) for _ in range(2)])
    rows.a_chunk(CART, project_id="another", path="src/cart.ts", symbol="addToCart")
    hits = [hit for hit in search(Asked("addToCart")).hits if hit.text == CART]
    assert sorted((hit.project_id, hit.copies) for hit in hits) == [("another", 0), ("p", 2)]


def test_an_issue_is_one_hit_at_its_best_place():
    said = {"kind": "issue", "project_id": ""}
    opened = rows.a_chunk("The basket stays white", turn=1, **said)
    rows.a_chunk("The basket is empty", turn=7, source=opened.source, **said)
    [hit] = search(Asked("an empty basket")).hits
    assert (hit.turn, hit.copies) == (7, 1)


def test_the_same_words_of_several_customers_are_several_hits():
    said = {"text": "It does not work", "kind": "issue", "project_id": ""}
    rows.chunks([{**said, "user_id": each} for each in ("ada", "bob")])
    hits = search(Asked("does not work")).hits
    assert sorted((hit.user_id, hit.copies) for hit in hits) == [("ada", 0), ("bob", 0)]


def test_without_vectors_a_common_word_alone_is_enough_to_be_found(monkeypatch):
    """Where everybody has many chunks, common words choose together; not if that finds nobody."""
    monkeypatch.setattr(by_words, "BUDGET", 5)
    rows.chunks([{"text": f"basket {n}"} for n in range(20)])
    rows.chunks([{"text": f"checkout {n}"} for n in range(20)])
    with connections["memory"].cursor() as cursor:
        cursor.execute("ANALYZE memory_chunk")
    assert len(search(Asked("basket checkout", limit=50)).hits) == 40


def test_identifiers_that_everybody_uses_are_left_to_the_words(monkeypatch):
    monkeypatch.setattr(by_identifier, "_READ", 30)
    monkeypatch.setattr(by_identifier, "_MOST_OF_ONE", 50)
    rows.chunks([{"text": f"raise ValueError({n})"} for n in range(60)])
    rows.chunks([{"text": f"except KeyError: pass  # {n}"} for n in range(25)])
    rows.chunks([{"text": "raise ValueError(OrderTotal)"}])
    rows.chunks([{"text": f"expect({n}).toBe(1)"} for n in range(60)])
    with connections["memory"].cursor() as cursor:
        cursor.execute("ANALYZE memory_chunk")

    def legs(text: str) -> dict[str, int]:
        return {leg.leg: leg.found for leg in search(Asked(text, limit=10)).legs}

    assert legs("ValueError") == {"identifier": 0, "words": 50}
    assert legs("KeyError")["identifier"] == 25
    assert legs("toBe") == {"identifier": 50}  # stop words to the words
    # The rarer one chooses, and both count.
    assert legs("ValueError KeyError")["identifier"] == 25
    first = search(Asked("ValueError OrderTotal", limit=10)).hits[0]
    assert first.text == "raise ValueError(OrderTotal)"
    assert {reason.leg for reason in first.reasons} == {"identifier", "words"}


def test_what_staff_rejected_is_not_found_and_what_they_pinned_counts_more(some):
    asked = "where is the basket and who can sign in by email?"
    first, second = recall("u", asked).items[:2]
    assert first.hit.score == pytest.approx(sum(share.value for share in first.shares))
    Chunk.objects.filter(pk=first.hit.chunk_id).update(standing="rejected")
    assert first.hit.text not in texts(search(Asked(asked)))
    Chunk.objects.filter(pk=second.hit.chunk_id).update(standing="pinned")
    left = recall("u", asked).items
    assert first.hit.text not in [item.hit.text for item in left]
    lifted = left[0]
    assert (lifted.hit.chunk_id, lifted.is_lifted) == (second.hit.chunk_id, True)
    assert lifted.hit.score > sum(share.value for share in lifted.shares)
    assert recall("somebody else", asked).items == ()


BAD = {
    "empty": "",
    "blank": " \n\t ",
    "100 kB": "word " * 20_000,
    "stop words": "the of and is",
    "punctuation": "?!… --",
    "control characters": "\x00\x01\x1b\x7f",
    "control characters around a word": "\x00bas\u200bket basket\x1b",
    "lone surrogates": "\ud800 basket \udfff",
    "chinese": "模式",
    "emoji": "🎉🎉",
    "operators": "a' | !b & (c:* <-> \\ %s {} --",
    "one huge word": "x" * 9_000,
    "many identifiers": " ".join(f"name_{number}" for number in range(900)),
}
REFUSED = {"empty", "blank", "100 kB", "punctuation", "control characters"}


@pytest.mark.parametrize("with_vectors", [True, False])
@pytest.mark.parametrize("name", BAD)
def test_whatever_is_asked_there_is_an_answer_or_one_clear_message(some, name, with_vectors):
    if not with_vectors:
        EmbeddingModel.objects.update(state="retired")
    if name in REFUSED:
        with pytest.raises(InvalidInput) as refused:
            search(Asked(BAD[name]))
        assert refused.value.message.endswith(".")
        return
    answer = search(Asked(BAD[name]))
    assert answer.hits or with_vectors or answer.note
    if "basket" in BAD[name]:
        assert CART in texts(answer)


@pytest.mark.parametrize(
    "asked",
    [
        {"kinds": ("codes",)},
        {"limit": 0},
        {"limit": 10_000},
        {"since": rows.NOW, "until": rows.NOW - timedelta(days=1)},
    ],
)
def test_a_filter_that_makes_no_sense_is_refused(asked):
    with pytest.raises(InvalidInput):
        search(Asked("basket", **asked))
