"""How the legs of a search run: one by one or at once, in time or left out."""

import math
import threading
import time

import pytest

from devora_admin.memory.errors import MemoryUnavailable
from devora_admin.memory.queries import by_meaning, findings
from devora_admin.memory.queries.scope import Scope
from devora_admin.memory.queries.search import Asked, search, vector_of
from devora_admin.memory.store import beside, reach
from tests.memory.searched import CART, WORDS, filled, texts

pytestmark = pytest.mark.usefixtures("memory", "fresh")


@pytest.mark.parametrize("at_once", [False, True])
def test_a_leg_that_takes_too_long_is_left_out_and_said(some, at_once, monkeypatch):
    def slow(cursor, *_, **__):
        cursor.execute("SELECT pg_sleep(5)")

    monkeypatch.setattr(by_meaning, "find", slow)
    monkeypatch.setattr(findings, "AT_ONCE_FROM", 0 if at_once else math.inf)
    answer = search(Asked("basket"))
    assert texts(answer) == [CART]
    assert "meaning took too long" in answer.note


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
