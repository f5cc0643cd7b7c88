"""A settings document as bytes: the platform's, whatever is in it."""

from dataclasses import dataclass

from django.utils.crypto import salted_hmac
from pymongo.client_session import ClientSession

from devora_admin.core import raw_bson
from devora_admin.core.errors import NotFound
from devora_admin.core.raw_bson import Element
from devora_admin.core.values.paths import EMPTY, path_text
from devora_admin.usersettings.documents import settings
from devora_admin.usersettings.secret_paths import API_KEYS, INTEGRATIONS, Place, secrets_in


@dataclass(frozen=True, slots=True)
class Stored:
    """parts: the fields of the document, none when the customer has no such document."""

    user_id: str
    parts: tuple[Element, ...]

    @property
    def exists(self) -> bool:
        return bool(self.parts)

    def part(self, name: str) -> Element:
        """A field, as an empty object when it is missing."""
        return next((part for part in self.parts if part.name == name), EMPTY)

    @property
    def secrets(self) -> list[Place]:
        """API keys first, then integrations, then what else there is."""
        order = {API_KEYS: 0, INTEGRATIONS: 1}
        return sorted(secrets_in(self.parts), key=lambda place: order.get(str(place.path[0]), 2))

    def secret(self, ref: str) -> Place:
        """Raises NotFound."""
        for place in secrets_in(self.parts):
            if ref_of(self.user_id, place) == ref:
                return place
        raise NotFound("secret", ref)


def read(user_id: str, *, session: ClientSession | None = None) -> Stored:
    collection = settings().with_options(codec_options=raw_bson.RAW)
    found = collection.find_one({"user_id": user_id}, session=session)
    parts = raw_bson.elements(bytes(found.raw)) if found is not None else []
    return Stored(user_id, tuple(parts))


def ref_of(user_id: str, place: Place) -> str:
    """Names a secret in an address. The keys of its path may be of any length, or telling."""
    return salted_hmac("settings.ref", f"{user_id}:{path_text(place.path)}").hexdigest()[:20]


def mark_of(place: Place) -> str:
    """Tells one stored value from another; of no use to whoever guesses at it."""
    return salted_hmac("settings.mark", place.part.value).hexdigest()[:32]
