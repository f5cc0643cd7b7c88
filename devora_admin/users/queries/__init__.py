"""Reads of customers."""

from devora_admin.users.queries.owners import (
    Owner,
    find_owner,
    owner_with_email,
    owners,
    owners_called,
    standing,
    suggest_owners,
)
from devora_admin.users.queries.profile import CustomerProfile, customer_profile

__all__ = [
    "CustomerProfile",
    "Owner",
    "customer_profile",
    "find_owner",
    "owner_with_email",
    "owners",
    "owners_called",
    "standing",
    "suggest_owners",
]
