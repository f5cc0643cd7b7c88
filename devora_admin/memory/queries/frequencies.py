"""How common a word is, from PostgreSQL's own statistics; read again after some minutes."""

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from django.db import connections
from django.db.backends.utils import CursorWrapper

from devora_admin.memory.queries.scope import Scope
from devora_admin.memory.store.router import ALIAS

_KEPT_S = 300.0
_FEW = 20
"""Chunks of which shares say nothing."""
_MOST_SCOPES = 1000
_COUNTED = 60_000
_MANY = 20_000
"""Rows that take a while to count, and are as many a minute later."""
_SAMPLE = 300
_SAMPLED_SOURCES = 20_000
_SHOWN_SHARE = 0.05
"""Of a sample: what is rarer there is taken from everyone's statistics."""


@dataclass(frozen=True, slots=True)
class Frequencies:
    """Shares of all chunks, 0..1, that hold a word."""

    shares: Mapping[str, float] = field(default_factory=dict)
    rest: float = 0.0
    """Of words that are not listed, at most."""

    def share(self, word: str) -> float:
        return self.shares.get(word, self.rest)

    def listed(self, word: str) -> float:
        """0 for a word that is not: it may be anything from nothing to `rest`."""
        return self.shares.get(word, 0.0)


@dataclass(frozen=True, slots=True)
class Everyone:
    rows: int
    """About."""
    words: Frequencies
    names: Frequencies


def of_everyone(cursor: CursorWrapper) -> Everyone:
    return _kept(("everyone",), lambda: _read_everyone(cursor))


def rows_of(cursor: CursorWrapper, scope: Scope) -> int:
    """How many chunks a scope has, whatever its filters: about, where they are many."""
    return _kept(
        ("rows", *scope.owner, *map(str, scope.owner_values)),
        lambda: _count(cursor, scope),
        worth=lambda rows: rows > _MANY,
    )


def of_scope(cursor: CursorWrapper, scope: Scope, rows: int) -> Frequencies:
    """Of words, in what one customer or project has. rows: how many chunks that are."""
    everyone = of_everyone(cursor).words
    if scope.is_everyone or rows < _FEW:
        return everyone
    key = (*scope.owner, *map(str, scope.owner_values))
    common = _kept(key, lambda: _read_sample(cursor, scope))
    return Frequencies({**everyone.shares, **common}, everyone.rest)


def of_stacks(cursor: CursorWrapper) -> Frequencies:
    """Shares of all projects that are built with a term, from some thousands of them."""
    return _kept(("stacks",), lambda: _read_stacks(cursor))


def forget() -> None:
    with _lock:
        _known.clear()


def _read_everyone(cursor: CursorWrapper) -> Everyone:
    cursor.execute(
        "SELECT attname, most_common_elems::text::text[], most_common_elem_freqs FROM pg_stats"
        " WHERE schemaname = current_schema() AND tablename = 'memory_chunk'"
        " AND attname IN ('words', 'names') AND most_common_elems IS NOT NULL"
    )
    # Behind a share for each element come the least, the most, and that of none.
    read = {
        column: Frequencies(dict(zip(elements, shares, strict=False)), shares[len(elements)])
        for column, elements, shares in cursor.fetchall()
    }
    cursor.execute("SELECT reltuples FROM pg_class WHERE oid = 'memory_chunk'::regclass")
    [(rows,)] = cursor.fetchall()
    return Everyone(
        max(0, int(rows)),
        words=read.get("words", Frequencies()),
        names=read.get("names", Frequencies()),
    )


def _count(cursor: CursorWrapper, scope: Scope) -> int:
    condition, values = scope.owned("c")
    cursor.execute(
        "SELECT count(*) FROM (SELECT 1 FROM memory_chunk c"
        f" WHERE {condition} LIMIT {_COUNTED + 1}) AS counted",
        values,
    )
    [(rows,)] = cursor.fetchall()
    is_more = rows > _COUNTED and scope.is_everyone
    return max(int(rows), of_everyone(cursor).rows if is_more else 0)


def _read_sample(cursor: CursorWrapper, scope: Scope) -> Mapping[str, float]:
    condition, values = scope.owned("c")
    cursor.execute(
        f"SELECT array_agg(id) FROM (SELECT c.id FROM memory_chunk c WHERE {condition}"
        f" ORDER BY hashint8(c.id) LIMIT {_SAMPLE}) AS sample",
        values,
    )
    [(ids,)] = cursor.fetchall()
    if not ids:
        return {}
    chosen = ", ".join(str(int(each)) for each in ids)
    cursor.execute(
        "SELECT word, ndoc FROM ts_stat(%s) WHERE ndoc >= %s",
        [
            f"SELECT words FROM memory_chunk WHERE id IN ({chosen})",
            max(2, int(len(ids) * _SHOWN_SHARE)),
        ],
    )
    return {word: count / len(ids) for word, count in cursor.fetchall()}


_known: dict[tuple[str, ...], tuple[float, object]] = {}
_lock = threading.Lock()


def _read_stacks(cursor: CursorWrapper) -> Frequencies:
    cursor.execute("SELECT reltuples FROM pg_class WHERE oid = 'memory_source'::regclass")
    [(rows,)] = cursor.fetchall()
    percent = min(100.0, 100 * _SAMPLED_SOURCES / max(rows, 1.0))
    cursor.execute(
        "WITH sample AS MATERIALIZED (SELECT stack FROM memory_source"
        "   TABLESAMPLE SYSTEM (%s) REPEATABLE (1) WHERE kind = 'project' AND deleted_at IS NULL)"
        " SELECT term, count(*)::float8 / (SELECT count(*) FROM sample)"
        " FROM sample, jsonb_array_elements_text(stack) AS term GROUP BY term",
        [percent],
    )
    shares = dict(cursor.fetchall())
    return Frequencies(shares, min(shares.values(), default=1.0) / 2)


_Value = TypeVar("_Value")


def _kept(
    key: tuple[str, ...],
    read: Callable[[], _Value],
    *,
    worth: Callable[[_Value], bool] = lambda _: True,
) -> _Value:
    key = (connections[ALIAS].settings_dict["NAME"], *key)
    now = time.monotonic()
    with _lock:
        found = _known.get(key)
    if found and found[0] > now:
        return found[1]  # type: ignore[return-value]
    value = read()
    if not worth(value):
        return value
    with _lock:
        if len(_known) >= _MOST_SCOPES:
            _known.clear()
        _known[key] = (now + _KEPT_S, value)
    return value
