"""The one MongoDB connection of MongoEngine and PyMongo, its transactions and its faults."""

import logging
import threading
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import mongoengine
import pymongo
from django.conf import settings
from django.db.utils import DatabaseError
from pymongo import MongoClient, monitoring
from pymongo.client_session import ClientSession
from pymongo.database import Database
from pymongo.errors import (
    ConnectionFailure,
    DocumentTooLarge,
    DuplicateKeyError,
    ExecutionTimeout,
    NotPrimaryError,
    OperationFailure,
    PyMongoError,
    WriteConcernError,
)

Document = dict[str, Any]
T = TypeVar("T")
log = logging.getLogger(__name__)

# "BSONObjectTooLarge", "resulting document after update is larger than 16777216", and a
# transaction that is.
_TOO_LARGE_CODES = {257, 10334, 17280, 17419, 17420}
# The same keys under another name, or the same name with other options: somebody made it first.
_INDEX_IS_THERE = {85, 86}
_COLLECTION_IS_THERE = 48
# Stopping, stepping down, or new in its role: PyMongo tells these by a code alone where a write was
# carried out but not confirmed.
_BETWEEN_PRIMARIES = {91, 189, 10058, 10107, 11600, 11602, 13435, 13436}
_INTERRUPTED = 11601
_HANDSHAKE = {"hello", "ismaster", "saslstart", "saslcontinue", "ping", "endsessions"}


class RoundTrips(monitoring.CommandListener):
    """Counts the commands this thread sends, for Server-Timing and the tests that pin them."""

    def __init__(self) -> None:
        self._local = threading.local()

    @property
    def count(self) -> int:
        return getattr(self._local, "count", 0)

    def reset(self) -> None:
        self._local.count = 0

    def started(self, event: monitoring.CommandStartedEvent) -> None:
        if event.command_name.lower() not in _HANDSHAKE:
            self._local.count = self.count + 1

    def succeeded(self, event: monitoring.CommandSucceededEvent) -> None:
        pass

    def failed(self, event: monitoring.CommandFailedEvent) -> None:
        pass


round_trips = RoundTrips()


def connect() -> None:
    """Opens nothing yet: PyMongo connects at the first command."""
    if mongoengine.connection._connections.get("default"):
        return
    # Registered for every client of the process, Django's included, and so before the first.
    monitoring.register(round_trips)
    mongoengine.connect(
        db=settings.MONGO_DB_NAME,
        host=settings.DATABASES["default"]["HOST"],
        alias="default",
        tz_aware=True,
        uuidRepresentation="standard",
        # What the platform stored is read, whatever it is: dates beyond Python's years, bad UTF-8.
        datetime_conversion="DATETIME_AUTO",
        unicode_decode_error_handler="replace",
        **settings.MONGO_OPTIONS,
    )


def client() -> MongoClient[Document]:
    found: MongoClient[Document] = mongoengine.connection.get_connection("default")
    return found


def database() -> Database[Document]:
    found: Database[Document] = mongoengine.connection.get_db("default")
    return found


def run_in_transaction(
    work: Callable[[ClientSession], T],
    *,
    patience_s: float | None = None,
    session: ClientSession | None = None,
) -> T:
    """Runs `work` in one transaction, again from its start when MongoDB asks for a retry.

    work: must pass its session to every call, and have no effect outside MongoDB.
    patience_s: for what may take longer than a page waits.
    session: the caller's own, which stays open.
    """
    # PyMongo itself goes on trying for two minutes, also when the store is hung.
    limit_s = patience_s or settings.STORE_TIMEOUT_MS / 1000
    with pymongo.timeout(limit_s):
        if session is not None:
            return _carry_out(work, session)
        with client().start_session() as own:
            return _carry_out(work, own)


def _carry_out(work: Callable[[ClientSession], T], session: ClientSession) -> T:
    """As PyMongo does it; and a commit that somebody interrupted is asked for again."""
    results: list[T] = []

    def noted(session: ClientSession) -> None:
        results.clear()
        results.append(work(session))

    while True:
        try:
            session.with_transaction(noted)
        except OperationFailure as error:
            if error.code != _INTERRUPTED or not results:
                raise
            if not _is_committed(session):
                continue
        return results[0]


def _is_committed(session: ClientSession) -> bool:
    """Asks for the commit again, which MongoDB carries out once; False where it never was."""
    while True:
        try:
            session.commit_transaction()
        except OperationFailure as error:
            if error.has_error_label("TransientTransactionError"):
                return False
            if error.code != _INTERRUPTED:
                raise
        else:
            return True


@contextmanager
def one_moment() -> Iterator[ClientSession]:
    """A session whose reads all see the store as it was at the first of them. It cannot write."""
    with client().start_session(snapshot=True) as session:
        yield session


def answers(*, within_s: float = 0.25) -> bool:
    """Whether the store is well, so that what timed out was only slow."""
    try:
        with pymongo.timeout(within_s):
            client().admin.command("ping")
    except PyMongoError:
        return False
    return True


def is_too_large(error: BaseException) -> bool:
    """Whether the store refused a document for passing 16 MB."""
    if isinstance(error, DocumentTooLarge):
        return True
    return isinstance(error, OperationFailure) and error.code in _TOO_LARGE_CODES


def is_connection_lost(error: BaseException | None) -> bool:
    """Whether the store is stopped, hung or without a primary.

    True as well for a slow command, when PyMongo hung up before MongoDB did: ask `answers`.
    """
    if isinstance(error, ConnectionFailure | NotPrimaryError):
        return True
    if isinstance(error, OperationFailure) and error.code in _BETWEEN_PRIMARIES:
        return True
    # django-mongodb-backend wraps what PyMongo raised, and so does PyMongo at a deadline.
    if isinstance(error, DatabaseError | ExecutionTimeout):
        return is_connection_lost(error.__cause__)
    return False


def is_unconfirmed(error: BaseException | None) -> bool:
    """Whether a write was carried out, and somebody interrupted the wait for its confirmation."""
    if isinstance(error, WriteConcernError):
        return error.code == _INTERRUPTED
    return isinstance(error, DatabaseError) and is_unconfirmed(error.__cause__)


def is_unavailable(error: BaseException | None) -> bool:
    """Whether the store is gone, answered too late or was interrupted, as against a fault of
    ours."""
    if is_connection_lost(error) or is_unconfirmed(error):
        return True
    if isinstance(error, PyMongoError) and error.timeout:
        return True
    return isinstance(error, DatabaseError) and is_unavailable(error.__cause__)


# Collection name → its indexes, or its way of compressing; filled by each app's documents module.
_INDEXES: dict[str, list[Any]] = {}
_COMPRESSORS: dict[str, str] = {}


def declare_indexes(collection: str, indexes: list[Any], *, compressor: str = "") -> None:
    """indexes: pymongo IndexModel, each with a name. Made by `ensure_indexes`.

    compressor: of the collection's blocks where it is not the store's own, such as "zstd". It
    holds for collections that are made here, as MongoDB cannot change it later.
    """
    _INDEXES[collection] = indexes
    if compressor:
        _COMPRESSORS[collection] = compressor


def declared_indexes() -> dict[str, list[Any]]:
    return dict(_INDEXES)


def ensure_indexes(only: Collection[str] | None = None) -> list[str]:
    """Makes every declared index that is missing and returns the collections looked at.

    only: names of collections. Making an index makes its collection, and `migrate` refuses to
    make one that is there: before it has run, name those that are not Django's.
    Builds in the foreground of the caller; MongoDB lets reads and writes go on meanwhile.
    """
    db = database()
    wanted = {name: _INDEXES[name] for name in _INDEXES if only is None or name in only}
    with pymongo.timeout(3600):
        for collection, indexes in wanted.items():
            if collection in _COMPRESSORS:
                _make_collection(collection, _COMPRESSORS[collection])
            if not indexes:
                continue
            try:
                db[collection].create_indexes(indexes)
            except OperationFailure:
                for index in indexes:
                    _make_index(collection, index)
    return sorted(wanted)


def _make_collection(name: str, compressor: str) -> None:
    engine = {"wiredTiger": {"configString": f"block_compressor={compressor}"}}
    try:
        database().create_collection(name, storageEngine=engine, check_exists=False)
    except OperationFailure as error:
        if error.code != _COLLECTION_IS_THERE:
            raise


def _make_index(collection: str, index: pymongo.IndexModel) -> None:
    """Makes one index, or the next best where the platform's own indexes or data refuse it."""
    target, declared = database()[collection], index.document
    try:
        target.create_indexes([index])
    except DuplicateKeyError:
        # Look-ups need the index more than they need it unique.
        log.warning("%s holds the same %s twice", collection, declared["name"])
        relaxed = {key: value for key, value in declared.items() if key not in ("key", "unique")}
        target.create_indexes([pymongo.IndexModel(list(declared["key"].items()), **relaxed)])
    except OperationFailure as error:
        if error.code not in _INDEX_IS_THERE:
            raise
        log.info("%s has an index like %s already", collection, declared["name"])
