"""Finding by meaning, words and identifiers, at the edge that pages use."""

import math
import threading
import time
from datetime import timedelta

import pytest
from django.db import connections
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from devora_admin.core.errors import InvalidInput
from devora_admin.memory.embedding import BadVector, Vector
from devora_admin.memory.errors import MemoryUnavailable
from devora_admin.memory.indexing import models
from devora_admin.memory.queries import (
    by_identifier,
    by_meaning,
    by_words,
    findings,
    frequencies,
)
from devora_admin.memory.queries.scope import Scope
from devora_admin.memory.queries.search import Asked, recall, search, vector_of
from devora_admin.memory.store import beside, reach
from devora_admin.memory.store.models import Chunk, Embedding, EmbeddingModel
from tests.memory import rows

pytestmark = pytest.mark.usefixtures("memory", "fresh")

CART = "export function addToCart(item) {\n  basket.push(item)\n  saveBasket(basket)\n}"
LOGIN = "def sign_in(email, password):\n    user = find_user(email)\n    return check(password)"
DARK = "喜欢深色模式"
NOT_DARK = "讨厌深色模式"


@pytest.fixture
def fresh():
    frequencies.forget()
    yield
    frequencies.forget()


@pytest.fixture
def model(embedder):
    return rows.a_model(embedder)


@pytest.fixture
def some(embedder, model):
    found = rows.chunks(
        [
            {"text": CART, "path": "src/cart.ts", "symbol": "addToCart", "language": "typescript",
             "line_from": 11, "line_to": 14},
            {"text": LOGIN, "path": "auth.py", "language": "python", "line_from": 1, "line_to": 3},
            {"text": DARK, "kind": "message", "turn": 4, "role": "user"},
            {"text": NOT_DARK, "kind": "message", "turn": 5, "role": "user"},
        ]
    )  # fmt: skip
    rows.embed(embedder, model, found)
    return found


def texts(answer):
    return [hit.text for hit in answer.hits]


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


@pytest.mark.parametrize("at_once", [False, True])
def test_a_leg_that_takes_too_long_is_left_out_and_said(some, at_once, monkeypatch):
    def slow(cursor, *_, **__):
        cursor.execute("SELECT pg_sleep(5)")

    monkeypatch.setattr(by_meaning, "find", slow)
    monkeypatch.setattr(findings, "AT_ONCE_FROM", 0 if at_once else math.inf)
    answer = search(Asked("basket"))
    assert texts(answer) == [CART]
    assert "meaning took too long" in answer.note


@pytest.fixture
def asked_beside(monkeypatch):
    """Whether a second connection was had, of each leg that asked for one."""
    had = []

    def noted(*args, ask=beside.ask, **kwargs):
        found = ask(*args, **kwargs)
        had.append(found is not None)
        return found

    monkeypatch.setattr(findings, "AT_ONCE_FROM", 0)
    monkeypatch.setattr(beside, "ask", noted)
    return had


@pytest.mark.parametrize("free", [2, 0])
def test_legs_that_run_at_once_find_the_same(embedder, model, free, monkeypatch, asked_beside):
    filled(embedder, model)
    asked = [Asked(" ".join(WORDS[at : at + 3])) for at in range(0, len(WORDS), 4)]
    monkeypatch.setattr(beside, "_free", threading.BoundedSemaphore(2))
    for _ in range(2 - free):
        beside._free.acquire()
    at_once = [search(each).hits for each in asked]
    assert asked_beside == [bool(free)] * len(asked)
    monkeypatch.setattr(findings, "AT_ONCE_FROM", math.inf)
    assert [search(each).hits for each in asked] == at_once
    assert all(at_once)


def test_without_a_second_connection_the_first_does_it_all(some, monkeypatch):
    def refused(cursor):
        raise MemoryUnavailable

    monkeypatch.setattr(findings, "AT_ONCE_FROM", math.inf)
    hits = search(Asked("basket")).hits
    monkeypatch.setattr(findings, "AT_ONCE_FROM", 0)
    monkeypatch.setattr(
        beside, "ask", lambda _, *, within_s, ask=beside.ask: ask(refused, within_s=within_s)
    )
    assert search(Asked("basket")).hits == hits


def test_when_the_time_is_over_every_leg_is_late_and_the_store_is_well(some, asked_beside):
    text = "basket"
    with reach.reading() as cursor:
        asked = findings.prepare(cursor, text, [text], [text], Scope())
        vector = vector_of(asked.model, text)
        over = time.monotonic() - 0.2
        ran = findings.ranked(cursor, asked, vector, depth=50, until=over)
    assert [each.is_late for each in ran.values()] == [True] * 3
    assert not asked_beside
    assert not reach.breaker.blocks()


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


WORDS = [f"word{letter}{other}" for letter in "abcdefgh" for other in "abcde"]
KINDS, LANGUAGES = ("code", "message", "issue"), ("", "python", "sql")


def filled(embedder, model):
    """120 chunks of four customers, some with as few as one."""
    fields = []
    for number in range(120):
        owner = min(number % 7, 3)
        fields.append(
            {
                "text": f"{number} common "
                + " ".join(WORDS[number * step % len(WORDS)] for step in (1, 3, 7)),
                "user_id": f"user-{owner}", "project_id": f"project-{owner}-{number % 2}",
                "kind": KINDS[number % 3], "language": LANGUAGES[number % 5 % 3],
                "at": rows.NOW + timedelta(days=number % 10) if number % 4 else None,
                "standing": "rejected" if number % 11 == 0 else "",
            }
        )  # fmt: skip
    found = rows.chunks(fields)
    rows.embed(embedder, model, found)
    return found


days = st.none() | st.integers(0, 10).map(lambda day: rows.NOW + timedelta(days=day))
questions = st.builds(
    Asked,
    text=st.lists(st.sampled_from([*WORDS, "common"]), min_size=1, max_size=4).map(" ".join),
    user_id=st.sampled_from(["", "user-0", "user-1", "user-3", "nobody"]),
    project_id=st.sampled_from(["", "", "project-0-1", "project-3-0"]),
    kinds=st.sets(st.sampled_from(KINDS), max_size=2).map(tuple),
    languages=st.sets(st.sampled_from(LANGUAGES), max_size=2).map(tuple),
    since=days,
    until=st.none(),
    limit=st.integers(1, 130),
) | st.builds(Asked, text=st.just(WORDS[3]), until=days, limit=st.just(50))


def within(chunk, asked):
    return (
        chunk.standing != "rejected"
        and asked.user_id in ("", chunk.user_id)
        and asked.project_id in ("", chunk.project_id)
        and (not asked.kinds or chunk.kind in asked.kinds)
        and (not asked.languages or chunk.language in asked.languages)
        and (asked.since is None or (chunk.at is not None and chunk.at >= asked.since))
        and (asked.until is None or (chunk.at is not None and chunk.at < asked.until))
    )


def index_scans(model):
    """How often PostgreSQL itself took the model's index."""
    with connections["memory"].cursor() as cursor:
        cursor.execute("SELECT pg_stat_force_next_flush()")
        name = models.index_name(model.pk)
        cursor.execute(
            "SELECT sum(idx_scan) FROM pg_stat_user_indexes WHERE indexrelname = %s", [name]
        )
        return cursor.fetchone()[0] or 0


@pytest.mark.parametrize("how", ["exact", "index", "bits", "words", "at once"])
def test_an_answer_stays_in_its_scope_and_has_as_many_as_there_are(
    embedder, model, how, monkeypatch, request
):
    world = filled(embedder, model)
    if how == "index":
        models.make_index(model.pk, model.dims)
        monkeypatch.setattr(by_meaning, "EXACT_UP_TO", 0)
    if how == "bits":
        monkeypatch.setattr(by_meaning, "BITS_FROM", 0)
    if how == "at once":
        beside_ = request.getfixturevalue("asked_beside")
    if how == "words":
        EmbeddingModel.objects.update(state="building")

    def hold(asked):
        answer = search(asked)
        scope = {chunk.pk: chunk for chunk in world if within(chunk, asked)}
        assert {hit.chunk_id for hit in answer.hits} <= scope.keys()
        if how == "words":
            wanted = set(asked.text.split())
            scope = {key: each for key, each in scope.items() if wanted & set(each.text.split())}
        assert len(answer.hits) == min(asked.limit, len(scope))
        assert len({hit.chunk_id for hit in answer.hits}) == len(answer.hits)
        return {leg.leg: leg.how for leg in answer.legs}.get("meaning", "words")

    @settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
    @given(questions)
    def holds(asked):
        hold(asked)

    holds()
    # Most scopes above have fewer than a leg is to find, and are compared as a whole after all.
    before = index_scans(model)
    user_id = "user-3" if how == "bits" else ""
    ran = hold(Asked(WORDS[3], user_id=user_id, limit=50))
    assert ran == ("exact" if how == "at once" else how)
    assert how != "at once" or (any(beside_) and len(beside_) > 20)
    assert (index_scans(model) > before) == (how == "index")
