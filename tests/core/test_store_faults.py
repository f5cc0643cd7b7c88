"""What the store's faults are taken for: gone, slow, or neither."""

import time

import pytest
from django.db.utils import DatabaseError
from pymongo.errors import (
    AutoReconnect,
    NetworkTimeout,
    OperationFailure,
    PyMongoError,
    WriteConcernError,
)

from devora_admin.core import breaker, mongo
from devora_admin.core.errors import StoreUnavailable
from devora_admin.core.middleware import as_domain_error


@pytest.fixture(autouse=True)
def untripped():
    yield
    breaker.store.reset()


def wrapped(error: Exception) -> DatabaseError:
    outer = DatabaseError("from the backend")
    outer.__cause__ = error
    return outer


@pytest.mark.parametrize("error", [NetworkTimeout("timed out"), wrapped(NetworkTimeout("late"))])
def test_a_slow_command_of_a_well_store_stops_nobody_else(error):
    problem = as_domain_error(error)
    assert isinstance(problem, StoreUnavailable)
    assert "too long" in problem.message
    assert not breaker.store.blocks()


def test_a_write_that_a_stopping_store_did_not_confirm_is_an_outage():
    error = WriteConcernError("Replication is being shut down", 91)
    assert isinstance(as_domain_error(error), StoreUnavailable)


def test_a_fault_of_ours_is_no_outage():
    assert as_domain_error(OperationFailure("bad field", 17276)) is None


def test_a_transaction_is_not_tried_for_longer_than_a_person_waits(stores):
    def work(session: object) -> None:
        error = AutoReconnect("connection closed")
        error._add_error_label("TransientTransactionError")
        raise error

    start = time.monotonic()
    with pytest.raises(PyMongoError) as raised:
        mongo.run_in_transaction(work)
    assert time.monotonic() - start < 20  # PyMongo alone goes on for 120 s
    assert mongo.is_connection_lost(raised.value)
