"""Parts of a conversation that does not fit into its project, as documents of bounded size."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from bson import ObjectId
from bson.raw_bson import RawBSONDocument

from devora_admin.core import raw_bson
from devora_admin.core.errors import TooLarge
from devora_admin.core.raw_bson import Element
from devora_admin.projects.documents import MAX_DOCUMENT_BYTES

PART_BYTES = 4 * 1024 * 1024
"""Of messages; one that is larger has a part of its own."""


@dataclass(frozen=True, slots=True)
class Owner:
    """Of a conversation, as its project names it."""

    project_id: str
    user_id: Element | None


@dataclass(frozen=True, slots=True)
class Place:
    """Where the next part goes."""

    part: int = 0
    first: int = 0
    """The number of its first message in the whole thread."""


def parts_of(
    messages: Iterable[Element], *, owner: Owner, place: Place
) -> Iterator[RawBSONDocument]:
    """Raises TooLarge for a message that leaves no room for what a part says of itself."""
    number, first = place.part, place.first
    for gathered in _gathered(messages):
        yield _document(gathered, owner, Place(number, first))
        number, first = number + 1, first + len(gathered)


def _gathered(messages: Iterable[Element]) -> Iterator[list[Element]]:
    gathered: list[Element] = []
    size = 0
    for message in messages:
        if gathered and size + len(message.data) > PART_BYTES:
            yield gathered
            gathered, size = [], 0
        gathered.append(message)
        size += len(message.data)
    if gathered:
        yield gathered


def _document(messages: list[Element], owner: Owner, place: Place) -> RawBSONDocument:
    named = {
        "_id": raw_bson.element(ObjectId()),
        "project_id": raw_bson.element(owner.project_id),
        **({"user_id": owner.user_id} if owner.user_id else {}),
        "part": raw_bson.element(place.part),
        "first": raw_bson.element(place.first),
        "count": raw_bson.element(len(messages)),
        "messages": Element(raw_bson.ARRAY, "", raw_bson.build_array(messages)),
    }
    made = raw_bson.document(**named)
    if len(made.raw) > MAX_DOCUMENT_BYTES:
        raise TooLarge("A message of this conversation is too close to 16 MB to be moved.")
    return made
