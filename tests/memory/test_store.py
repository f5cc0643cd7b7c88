"""What PostgreSQL itself holds, and how it is reached."""

import contextlib
import time
from datetime import UTC, datetime

import pytest
from django.conf import settings
from django.db import IntegrityError, OperationalError, connections
from django.db.utils import DataError

from devora_admin.memory.errors import MemoryTooSlow, MemoryUnavailable
from devora_admin.memory.store import beside, reach, sql
from devora_admin.memory.store.models import BinaryVector, Chunk, Embedding, EmbeddingModel, Source
from tests.memory.hanging import hung

pytestmark = pytest.mark.usefixtures("memory")
NOW = datetime(2026, 1, 1, tzinfo=UTC)


def a_model(name: str = "a", dims: int = 3, state: str = "active") -> EmbeddingModel:
    return EmbeddingModel.objects.create(
        name=name, revision="1", dims=dims, state=state, created_at=NOW
    )


def a_chunk(text: str = "const getUserName = 1") -> Chunk:
    source = Source.objects.create(
        kind="code", key=text, user_id="u", project_id="p", title="", version=1, digest=b"d",
        indexed_at=NOW,
    )  # fmt: skip
    return Chunk.objects.create(
        source=source, user_id="u", project_id="p", kind="code", ordinal=0, text=text,
        sha256=b"x" * 32, names="",
    )  # fmt: skip


@pytest.mark.parametrize("vector", [[0, 0, 0], [1, 0], [3, 0, 0]])
def test_a_vector_of_the_wrong_size_or_without_direction_is_refused(vector):
    model, chunk = a_model(), a_chunk()
    with pytest.raises((IntegrityError, DataError)):
        Embedding.objects.create(
            chunk=chunk, model=model, dims=3, user_id="u", project_id="p", vector=vector
        )


def test_a_vector_cannot_claim_another_models_size():
    model, chunk = a_model(), a_chunk()
    a_model("b", dims=2, state="building")
    with pytest.raises(IntegrityError):
        Embedding.objects.create(
            chunk=chunk, model=model, dims=2, user_id="u", project_id="p", vector=[1, 0]
        )


def test_the_bits_of_a_vector_are_its_signs_and_those_of_no_other_customer():
    made = Embedding.objects.create(
        chunk=a_chunk(), model=a_model(), dims=3, user_id="u", project_id="p", vector=[0.6, -0.8, 0]
    )

    def bits():
        return list(BinaryVector.objects.values_list("embedding_id", "user_id", "bits"))

    assert bits() == [(made.pk, "u", "100")]
    Embedding.objects.update(user_id="v", vector=[-0.6, 0.8, 0])
    assert bits() == [(made.pk, "v", "010")]
    with connections["memory"].cursor() as cursor:
        cursor.execute("DELETE FROM memory_binaryvector")
        cursor.execute(sql.FILL_BITS)
        assert bits() == [(made.pk, "v", "010")]
        cursor.execute("DELETE FROM memory_embedding")
    assert bits() == []


def test_words_take_identifiers_apart_and_keep_every_script():
    chunk = a_chunk("const getUserName = api.user_key; new HTTPServer() // 喜欢深色模式")
    chunk.refresh_from_db()
    words = set(chunk.words.replace("'", "").replace(":", " ").split())
    assert {"get", "user", "name", "key", "http", "server", "喜"} <= words


def test_a_slow_question_is_told_from_a_store_that_is_away():
    with pytest.raises(MemoryTooSlow), reach.reading(within_s=0.1) as cursor:
        cursor.execute("SELECT pg_sleep(2)")
    with reach.reading() as cursor:
        cursor.execute("SELECT 1")


def test_many_statements_have_the_time_of_one_and_a_slow_step_spoils_no_other():
    def nap(times, within_s):
        with reach.reading(within_s=within_s) as cursor:
            for _ in range(times):
                cursor.execute("SELECT pg_sleep(0.1)")

    with pytest.raises(MemoryTooSlow):
        nap(9, within_s=0.3)
    with reach.reading() as cursor:
        with pytest.raises(MemoryTooSlow), reach.step(cursor, until=time.monotonic() + 0.1):
            cursor.execute("SELECT pg_sleep(2)")
        cursor.execute("SELECT pg_sleep(0.2)")


def test_a_page_cannot_write():
    with pytest.raises(Exception, match="read-only"), reach.reading() as cursor:
        cursor.execute("DELETE FROM memory_source")


def test_a_copy_that_may_not_be_written_yet_is_waited_for():
    read_only = "SET TRANSACTION READ ONLY; DELETE FROM memory_source"
    with pytest.raises(MemoryUnavailable), reach.writing() as cursor:
        cursor.execute(read_only)


def ask() -> float:
    started = time.monotonic()
    with reach.reading() as cursor:
        cursor.execute("SELECT 1")
    return time.monotonic() - started


def test_a_hung_store_is_told_within_a_second_and_then_at_once(own_postgres):
    ask()
    with hung(own_postgres):
        for most_s in (1.0, 0.02):
            started = time.monotonic()
            with pytest.raises(MemoryUnavailable):
                ask()
            assert time.monotonic() - started < most_s + 0.3
    reach.breaker.reset()
    ask()


def test_a_question_beside_another_ends_with_a_store_that_hangs_and_leaves_no_connection(
    own_postgres,
):
    def wait(cursor):
        cursor.execute("SELECT pg_sleep(0.2)")
        return "done"

    ask()
    with hung(own_postgres):
        asked = [beside.ask(wait, within_s=0.3) for _ in range(3)]
        assert asked[2] is None  # as many as there may be
        started = time.monotonic()
        for each in asked[:2]:
            with pytest.raises(MemoryUnavailable):
                each.result(5)
        assert time.monotonic() - started < 1.5
    reach.breaker.reset()
    assert beside.ask(wait, within_s=2).result(5) == "done"
    connections["memory"].close()
    until = time.monotonic() + 5
    while time.monotonic() < until:  # one may be on its way still
        told = connections["memory"].pool.get_stats()
        if told["pool_available"] == told["pool_size"] > 0:
            break
        time.sleep(0.05)
    assert told["pool_available"] == told["pool_size"] > 0


def test_a_connection_that_broke_is_replaced_by_itself():
    with pytest.raises(OperationalError), connections["memory"].cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")
    ask()


def test_a_store_that_is_back_is_used_at_once_however_often_it_was_asked_for(own_postgres):
    ask()
    own_postgres.stop()
    for _ in range(9):
        reach.breaker.reset()
        with pytest.raises(MemoryUnavailable):
            ask()
    own_postgres.start()
    started = time.monotonic()
    while time.monotonic() < started + 1.5:
        reach.breaker.reset()
        with contextlib.suppress(MemoryUnavailable):
            ask()
            break
    else:
        pytest.fail("it is back and not used")


def test_memory_has_a_database_of_the_test_alone():
    assert settings.DATABASES["memory"]["NAME"].startswith("test_")
