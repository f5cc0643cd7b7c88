"""A listing as typed, made one the store can answer: e-mail addresses become owners."""

from dataclasses import dataclass, replace

from devora_admin.core.errors import InvalidInput
from devora_admin.projects.queries.listing import Listing
from devora_admin.users.queries import Owner, owner_with_email


@dataclass(frozen=True, slots=True)
class Asked:
    listing: Listing
    owner: Owner | None = None
    """Who the search text or the owner filter names by e-mail."""


def resolve(listing: Listing) -> Asked:
    """At most one round trip. Raises InvalidInput (field owner) for an unknown address."""
    filters = listing.filters
    if "@" in filters.owner_id:
        owner = owner_with_email(filters.owner_id.lower())
        if owner is None:
            raise InvalidInput("No customer has this e-mail address.", field="owner")
        return Asked(replace(listing, filters=replace(filters, owner_id=owner.id)), owner)
    if "@" in filters.q and not filters.owner_id:
        owner = owner_with_email(filters.q.lower())
        if owner is not None:
            return Asked(replace(listing, filters=replace(filters, q="", owner_id=owner.id)), owner)
    return Asked(listing)
