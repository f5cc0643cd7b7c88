"""Believable demo data in the platform's shapes, the same for the same seed."""

from devora_admin.ops.demo.seeding import NotOurs, Plan, seed, seed_if_empty

__all__ = ["NotOurs", "Plan", "seed", "seed_if_empty"]
