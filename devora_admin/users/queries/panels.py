"""What the panels of a customer's page hold; all that is read by aggregations in one round trip."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pymongo.errors import PyMongoError

from devora_admin.core import mongo, raw_bson
from devora_admin.core.errors import StoreUnavailable
from devora_admin.users.panels import Can, Panel, Reads, panels

log = logging.getLogger(__name__)
Rows = list[Mapping[str, Any]]
AT_ONCE = 5_000
"""Rows of all panels together that need no second round trip."""


@dataclass(frozen=True, slots=True)
class Shown:
    panel: Panel
    content: Any
    has_failed: bool = False


def panel_contents(customer_id: str, can: Can) -> list[Shown]:
    """One that fails is shown as failed; only a store that is away ends the page."""
    wanted = panels(can)
    together = _read_together(customer_id, [panel for panel in wanted if panel.reads])
    shown = []
    for panel in wanted:
        try:
            content = _content(panel, customer_id, can, together)
        except Exception as error:
            if isinstance(error, StoreUnavailable) or mongo.is_unavailable(error):
                raise
            log.exception("the panel %s of a customer's page could not be loaded", panel.name)
            shown.append(Shown(panel, None, has_failed=True))
        else:
            if content is not None:
                shown.append(Shown(panel, content))
    return shown


def _content(panel: Panel, customer_id: str, can: Can, together: dict[str, Rows] | None) -> Any:
    if panel.reads is None:
        return panel.load(customer_id, can) if panel.load else None
    if together is None:  # one of them is at fault: each for itself tells which
        alone = _read_together(customer_id, [panel], is_last=True) or {}
        return panel.reads.content(alone.get(panel.name, []), can)
    return panel.reads.content(together.get(panel.name, []), can)


def _read_together(
    customer_id: str, wanted: list[Panel], *, is_last: bool = False
) -> dict[str, Rows] | None:
    """Rows by the panel's name; None when the store refused, unless there is no other way."""
    parts = [(panel.reads, _marked(panel.name, panel.reads, customer_id))
             for panel in wanted if panel.reads]  # fmt: skip
    if not parts:
        return {}
    (first, stages), *rest = parts
    unions = [
        {"$unionWith": {"coll": reads.collection, "pipeline": steps}} for reads, steps in rest
    ]
    collection = mongo.database()[first.collection].with_options(codec_options=raw_bson.LENIENT)
    found: dict[str, Rows] = {}
    try:
        for each in collection.aggregate([*stages, *unions], batchSize=AT_ONCE):
            found.setdefault(each["panel"], []).append(each["row"])
    except PyMongoError as error:
        if is_last or mongo.is_unavailable(error):
            raise
        return None
    return found


def _marked(name: str, reads: Reads, customer_id: str) -> list[dict[str, Any]]:
    mark = {"panel": {"$literal": name}, "row": "$$ROOT"}
    return [*reads.pipeline(customer_id), {"$replaceRoot": {"newRoot": mark}}]
