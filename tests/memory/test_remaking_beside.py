"""Making memory or its vectors anew: the commands, and whoever reads or writes meanwhile."""

import time
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connections

from devora_admin.core import clock
from devora_admin.core.errors import Conflict
from devora_admin.memory.indexing import models, vectors
from devora_admin.memory.queries import status
from devora_admin.memory.services import remaking
from devora_admin.memory.store.models import (
    EmbeddingTask,
    Source,
)
from tests.live import free_port
from tests.memory.beside import another, in_thread, until_locked
from tests.memory.embedded import by_endpoint, remembered, without_a_vector

pytestmark = pytest.mark.usefixtures("memory")


def test_the_command_makes_vectors_anew_although_the_old_embedder_is_gone(from_old_to_new, capsys):
    call_command("reembed")
    assert capsys.readouterr().out.endswith("All pieces have their vector.\n")
    assert without_a_vector() == set()
    assert [model.name for model in models.every()] == ["new"]


def test_the_command_says_in_a_sentence_that_nothing_embeds(mongo, settings):
    by_endpoint(settings, f"http://127.0.0.1:{free_port()}/v1")
    remembered(mongo, "One")
    with pytest.raises(CommandError, match="cannot be reached: check EMBEDDING_URL"):
        call_command("reembed")


def test_the_command_says_what_could_not_be_given_a_vector(mongo, hashing, monkeypatch, capsys):
    models.ensure_active(hashing)
    remembered(mongo, "One", "Two")
    make = hashing._values
    monkeypatch.setattr(hashing, "_values", lambda text: make(text) * ("One" not in text))
    monkeypatch.setattr(vectors, "_PAUSE_S", 0)
    call_command("reembed")
    assert "1 pieces could not be given a vector" in capsys.readouterr().out


class Watched:
    """The statements of a command."""

    def __init__(self) -> None:
        self.seen: list[str] = []

    def __call__(self, execute: Any, sql: str, *given: Any) -> Any:
        self.seen.append(sql)
        return execute(sql, *given)

    def count(self, part: str) -> int:
        return sum(part in sql for sql in self.seen)


def test_the_command_waits_for_what_another_has_taken_on_and_asks_for_little(mongo, hashing):
    models.ensure_active(hashing)
    remembered(mongo, *(f"Number {number}" for number in range(5)))
    taken = EmbeddingTask.objects.all()[:1].get()
    taken.next_try_at = clock.now() + 1.5 * (vectors.CLAIM / vectors.CLAIM.total_seconds())
    taken.save()
    watched = Watched()
    with connections["memory"].execute_wrapper(watched):
        call_command("reembed", verbosity=0)
    assert without_a_vector() == set()
    assert watched.count("pg_total_relation_size") == 0
    assert watched.count("SKIP LOCKED") < 15


def test_a_moment_in_which_memory_is_slow_does_not_end_the_command(mongo, from_old_to_new):
    locked_at = 0.0

    def lock(execute: Any, sql: str, *given: Any) -> Any:
        nonlocal locked_at
        if not locked_at and new.embedded and sql.startswith("SELECT id, name, revision"):
            locked_at = time.monotonic()
            other.execute("LOCK memory_embeddingmodel IN ACCESS EXCLUSIVE MODE")
        elif locked_at and time.monotonic() - locked_at > 0.8:
            other.rollback()
        return execute(sql, *given)

    _, new = from_old_to_new
    with another() as other, connections["memory"].execute_wrapper(lock):
        call_command("reembed", verbosity=0)
    assert locked_at
    assert [model.name for model in models.every()] == ["new"]


def test_pages_are_read_while_memory_waits_to_be_emptied(mongo, actor):
    remembered(mongo, "One")
    with another() as reading:
        reading.execute("SELECT count(*) FROM memory_chunk")
        with in_thread(lambda: remaking.rebuild(actor=actor)) as emptied:
            until_locked()
            slowest_s, end = 0.0, time.monotonic() + 1.2
            while time.monotonic() < end:
                started = time.monotonic()
                assert status.stored().chunks == 1
                slowest_s = max(slowest_s, time.monotonic() - started)
            reading.rollback()
            emptied.result(20)
    assert slowest_s > 0.05, "nobody waited to empty it"
    assert Source.objects.count() == 0


def test_memory_that_cannot_be_emptied_is_not_taken_for_one_being_made_anew(mongo, actor):
    remembered(mongo, "One")
    with another() as reading:
        reading.execute("SELECT count(*) FROM memory_chunk")
        for _ in range(2):
            with pytest.raises(Conflict, match="an index is being made"):
                remaking.rebuild(actor=actor, patience_s=0.1)
        assert remaking.under_way() is None
    assert Source.objects.exists()
    remaking.rebuild(actor=actor)
    assert Source.objects.count() == 0
