"""One step of each loop: what waits is indexed, what is written gets its vectors."""

import contextlib
import itertools
import logging

from devora_admin.core import mongo
from devora_admin.memory.documents import DECISIONS
from devora_admin.memory.embedding import EmbedderUnavailable, configured
from devora_admin.memory.errors import MemoryTooSlow, MemoryUnavailable
from devora_admin.memory.indexing import checking, models, queue, reading, vectors, writing
from devora_admin.memory.indexing.queue import Claimed
from devora_admin.memory.indexing.sources import (
    EVERYTHING_OF,
    KINDS_OF,
    LEADING_TO_A_PROJECT,
    document_of,
    origin,
)
from devora_admin.memory.indexing.writing import Written
from devora_admin.memory.preferences import decisions
from devora_admin.memory.store import schema

log = logging.getLogger(__name__)
AT_ONCE = 20
IDLE_S = 0.5
THREADS = 3
"""One more than two cores: each waits for PostgreSQL half of its time, and then for another to let
go of Python's lock. Two index an eighth less there, and four no more."""
KEEP_TRUE_EVERY_S = 5.0
_EMBEDDER_AWAY_S = 10.0
_MARKED_AT_ONCE = 1000

_ready: set[str] = set()
"""What this process has seen to since PostgreSQL was last away."""
_AWAY = "was away"


def index_document(collection: str, key: str) -> Written:
    """Brings memory up to date with one document. Raises MemoryUnavailable.

    Of the decisions of staff, and of everything of a customer, the key is the customer's id.
    """
    if collection in (DECISIONS, EVERYTHING_OF):
        writing.relearn(key)
        queue.mark(map(document_of, writing.undecided(key)))
        if collection == EVERYTHING_OF:
            _mark_everything_of(key)
        return Written("same")
    if collection in LEADING_TO_A_PROJECT:
        project = reading.project_of(collection, key)
        if project is None:
            return Written("same")
        collection, key = "projects", project
    moment = reading.read(collection, key)
    written = writing.write(moment, origin=origin(collection, key))
    if decisions.about_items(moment.user_id) != moment.decided:
        # Whoever decided meanwhile could not know that this document has it as well.
        queue.mark([(collection, key)])
    return written


def _mark_everything_of(user_id: str) -> None:
    for name in KINDS_OF:
        found = mongo.database()[name].find({"user_id": {"$eq": user_id}}, {"_id": 1})
        while some := list(itertools.islice(found, _MARKED_AT_ONCE)):
            queue.mark((name, row["_id"]) for row in some)


def index_some() -> float:
    """Works on some of the queue; seconds to wait before the next."""
    make_ready()
    items = queue.claim(AT_ONCE, newest_first=_takes_turns())
    for number, item in enumerate(items):
        try:
            _index(item)
        except MemoryUnavailable:
            _was_lost()
            queue.give_back(items[number:])
            raise
    return 0.0 if items else IDLE_S


def embed_some() -> float:
    """Makes some vectors; seconds to wait before the next."""
    make_ready()
    try:
        return 0.0 if vectors.embed_some() else IDLE_S
    except EmbedderUnavailable as error:
        log.info("no vectors for now: %s", error)
        return _EMBEDDER_AWAY_S
    except MemoryUnavailable:
        _was_lost()
        raise


def keep_true() -> float:
    """Goes on with the nightly check, a rebuild, and the exchange of models."""
    make_ready()
    try:
        more = models.exchange_some()
        wait_s = checking.check_some()
        checking.finish_rebuild()
    except MemoryUnavailable:
        _was_lost()
        raise
    return 0.0 if more or not wait_s else KEEP_TRUE_EVERY_S


def fade_some() -> None:
    """A chore of the worker: scores that were reckoned more than a day ago are reckoned anew."""
    with contextlib.suppress(MemoryUnavailable, MemoryTooSlow):
        for user_id in writing.faded(most=500):
            writing.relearn(user_id)


def _index(item: Claimed) -> None:
    try:
        index_document(item.collection, item.key)
    except Exception as error:
        if isinstance(error, MemoryUnavailable) or mongo.is_unavailable(error):
            raise
        log.exception("a document of %s could not be indexed", item.collection)
        queue.failed(item, error)
    else:
        queue.done(item)


def make_ready() -> None:
    """Tables and a first model, where they are missing. Raises MemoryUnavailable."""
    if "schema" not in _ready:
        schema.make_ready()
        if _AWAY in _ready or writing.is_empty():
            # It may have come back as a copy, a backup or a new one, and lack what it had.
            checking.begin_anew()
        _ready.discard(_AWAY)
        _ready.add("schema")
    embedder = configured()
    if embedder is not None and "model" not in _ready and not embedder.trouble():
        models.ensure_active(embedder)
        _ready.add("model")


def _was_lost() -> None:
    _ready.clear()
    _ready.add(_AWAY)


_turns = itertools.count()


def _takes_turns() -> bool:
    return next(_turns) % 2 == 1
