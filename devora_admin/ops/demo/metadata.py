"""`metadata` of demo projects: free, different by type, with the BSON types drivers write."""

from collections.abc import Callable
from datetime import datetime, timedelta
from random import Random
from typing import Any

from bson import Binary, Decimal128, Int64, ObjectId, Regex

Metadata = dict[str, Any]


def _saas(random: Random, at: datetime) -> Metadata:
    return {
        "has_auth": True,
        "has_payments": random.random() < 0.6,
        "stripe_product_id": f"prod_{random.randint(100, 999_999)}",
        "mrr": Decimal128(f"{random.randint(0, 900_000) / 100:.2f}"),
        "seats": random.randint(1, 400),
        "launched_at": at + timedelta(days=random.randint(1, 60)),
    }


def _blog(random: Random, at: datetime) -> Metadata:
    topics = ("tech", "ai", "food", "travel", "design", "music", "gardening")
    return {
        "theme": random.choice(("dark", "light", "paper")),
        "categories": random.sample(topics, k=random.randint(1, 4)),
        "rss": random.random() < 0.8,
        "last_post_at": at,
    }


def _shop(random: Random, at: datetime) -> Metadata:
    return {
        "currency": random.choice(("EUR", "USD", "JPY", "BRL")),
        "orders_total": Int64(random.randint(0, 9_000_000_000)),
        "vat_rate": Decimal128(random.choice(("0.19", "0.20", "0.21", "0.25"))),
        "catalog_id": ObjectId(random.randbytes(12)),
        "shipping": {"zones": ["EU", "US"], "free_from": Decimal128("50.00"), "express": None},
    }


def _api(random: Random, at: datetime) -> Metadata:
    return {
        "base_path": f"/v{random.randint(1, 3)}",
        "rate_limit": {"per_minute": random.choice((60, 300, 1000)), "burst": 50},
        "requests_seen": Int64(random.getrandbits(40)),
        "allowed_origin": Regex("^https://.*\\.example\\.com$", "i"),
    }


def _game(random: Random, at: datetime) -> Metadata:
    return {
        "engine": random.choice(("canvas", "webgl", "dom")),
        "levels": random.randint(1, 80),
        "difficulty": random.random(),
        "icon_hash": Binary(random.randbytes(16)),
    }


def _other(random: Random, at: datetime) -> Metadata:
    return {
        "audience": random.choice(("team", "public", "customers")),
        "deployed": random.random() < 0.5,
        "template_id": ObjectId(random.randbytes(12)),
        "score": round(random.random() * 100, 3),
    }


_BY_TYPE: dict[str, Callable[[Random, datetime], Metadata]] = {
    "saas": _saas,
    "blog": _blog,
    "ecommerce": _shop,
    "api": _api,
    "game": _game,
}


def metadata(project_type: str, random: Random, at: datetime) -> Metadata:
    made = _BY_TYPE.get(project_type, _other)(random, at)
    if random.random() < 0.2:
        made["notes"] = {"reviewed_by": None, "tags": ["demo", project_type], "history": []}
    return made
