"""A confirmation that is interrupted, in a real store: what was asked for happens once."""

from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest
from pymongo import MongoClient
from pymongo.errors import WriteConcernError

from devora_admin.core import mongo
from devora_admin.core.errors import StoreUnavailable
from devora_admin.core.middleware import as_domain_error
from devora_admin.embedded.mongo import EmbeddedMongo

COMMIT = "commitTransaction"
UNCONFIRMED = {"failCommands": [COMMIT], "writeConcernError": {"code": 11601, "errmsg": "x"}}
NOT_CARRIED_OUT = {"failCommands": [COMMIT], "errorCode": 11601}


class MongoThatFails(EmbeddedMongo):
    def command(self) -> list[str]:
        return [*super().command(), "--setParameter", "enableTestCommands=1"]


@pytest.fixture(scope="module")
def store(tmp_path_factory: Any) -> Iterator[MongoClient[Any]]:
    with MongoThatFails(tmp_path_factory.mktemp("interrupted"), cache_gb=0.25) as process:
        process.start()
        with MongoClient(process.url) as client:
            yield client


def fail(store: MongoClient[Any], times: int, data: dict[str, Any]) -> None:
    failing = {"configureFailPoint": "failCommand", "mode": {"times": times}, "data": data}
    store.admin.command(failing)


@pytest.mark.parametrize("how", [UNCONFIRMED, NOT_CARRIED_OUT], ids=["unconfirmed", "not-yet"])
def test_a_transaction_whose_commit_is_interrupted_is_carried_out_once(store, how):
    counted = store.test.counted
    counted.delete_many({})
    fail(store, 3, how)
    with store.start_session() as session:
        insert = partial(counted.insert_one, {})
        assert mongo.run_in_transaction(lambda session: insert(session=session), session=session)
    assert counted.count_documents({}) == 1


def test_one_that_was_ended_before_its_commit_is_begun_again(store):
    tries = []

    def work(session: Any) -> None:
        tries.append(session)
        store.test.begun_again.insert_one({}, session=session)
        if len(tries) == 1:
            fail(store, 1, NOT_CARRIED_OUT)
            store.admin.command("killSessions", [{"id": session.session_id["id"]}])

    with store.start_session() as session:
        mongo.run_in_transaction(work, session=session)
    assert len(tries) == 2
    assert store.test.begun_again.count_documents({}) == 1


def test_a_write_on_its_own_is_said_to_be_made(store):
    fail(store, 1, UNCONFIRMED | {"failCommands": ["insert"]})
    with pytest.raises(WriteConcernError) as raised:
        store.test.alone.insert_one({})
    assert store.test.alone.count_documents({}) == 1
    problem = as_domain_error(raised.value)
    assert isinstance(problem, StoreUnavailable)
    assert "was made" in problem.message
