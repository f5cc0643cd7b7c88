"""Documents of sketches, of which only those are read that changed since they were read last.

A year by model has a hundred of them, three megabytes where there are many events, and all but
those of this month are what they were when somebody opened the page before.
"""

import threading
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from typing import Any

from bson import ObjectId

from devora_admin.analytics.documents import SKETCHES
from devora_admin.analytics.queries.reading import rollups
from devora_admin.analytics.rollups.sketches import Sketch, taken_apart
from devora_admin.core.raw_bson import RAW

_MOST = 200
"""Documents that are remembered, of some 75 KB each where times spread as generations' do."""
_AT_ONCE = 10_000
"""Marks; a first batch is of a hundred otherwise."""
Cells = list[tuple[str, Sketch]]

_known: OrderedDict[ObjectId, Cells] = OrderedDict()
"""By mark, which no two states of a document have; the one used last at the end."""
_lock = threading.Lock()


def found(condition: Mapping[str, Any]) -> Iterator[tuple[Mapping[str, str], Cells]]:
    """Key and sketches by the name of their cell. Two round trips, or one where none changed."""
    missing = []
    for row in rollups(SKETCHES).find(condition, {"mark": 1}, batch_size=_AT_ONCE):
        known = _remembered(row.get("mark"))
        if known is None:
            missing.append(row["_id"])
        else:
            yield row["_id"], known
    if missing:
        # Beyond what there is room for, they would push each other out.
        yield from read({"_id": {"$in": missing}}, remembers=_MOST)


def read(
    condition: Mapping[str, Any], *, remembers: int = 0
) -> Iterator[tuple[Mapping[str, str], Cells]]:
    """The same, all of it from the store. remembers: as many at most."""
    found = rollups(SKETCHES).with_options(codec_options=RAW).find(condition)
    for number, row in enumerate(found):
        cells = taken_apart(bytes(row["cells"].raw))
        if number < remembers and (mark := row.get("mark")):
            _remember(mark, cells)
        yield row["_id"], cells


def _remembered(mark: ObjectId | None) -> Cells | None:
    with _lock:
        if mark is None or mark not in _known:
            return None
        _known.move_to_end(mark)
        return _known[mark]


def _remember(mark: ObjectId, cells: Cells) -> None:
    with _lock:
        _known[mark] = cells
        while len(_known) > _MOST:
            _known.popitem(last=False)
