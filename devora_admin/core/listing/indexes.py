"""What the order of a list needs of its collection."""

from typing import Any

from pymongo import ASCENDING, TEXT, IndexModel
from pymongo.collation import Collation

# Compares text in any case, and orders it so: every index of a list has it.
ANY_CASE = Collation(locale="en", strength=2)


def in_any_case(field: str, name: str) -> IndexModel:
    return IndexModel([(field, ASCENDING)], name=name, collation=ANY_CASE)


def words_of(*fields: str) -> IndexModel:
    """A collection has one such index at most."""
    return IndexModel(
        [(field, TEXT) for field in fields],
        name="words",
        default_language="none",  # no stemming, no stop words: names are in any language
        # Without this a document's own `language` would be read as one of MongoDB's, and
        # refused on insert when it is none.
        language_override="_text_language",
    )


def ordered_by(sort: str) -> list[IndexModel]:
    """For one order of a list: all documents, and the misfits."""
    return [
        IndexModel(order_of(sort), name=name_of(sort), collation=ANY_CASE),
        IndexModel(
            [("_id", ASCENDING), (sort, ASCENDING)],
            name=f"list_misfit_{sort}",
            collation=ANY_CASE,
            partialFilterExpression={sort: {"$type": "array"}},
        ),
    ]


def name_of(sort: str) -> str:
    return f"list_any_{sort}"


def order_of(sort: str) -> list[tuple[str, Any]]:
    return [(sort, ASCENDING), ("_id", ASCENDING)]
