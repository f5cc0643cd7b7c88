"""Customers who have something in common that a higher app knows of."""

from devora_admin.core.listing.groups import Groups

CUSTOMERS = Groups("customers")
