"""Demo customers and their settings."""

import uuid
from datetime import datetime, timedelta
from random import Random
from typing import Any

from bson import Decimal128, Int64, ObjectId

from devora_admin.ops.demo import secrets
from devora_admin.ops.demo.words import FIRST_NAMES, LAST_NAMES, MAIL_DOMAINS

Document = dict[str, Any]
DAYS = 730

PLANS = ("free", "free", "free", "free", "pro", "pro", "team", "enterprise")
PRICES = {"pro": "19.00", "team": "79.00", "enterprise": "490.00"}
TROUBLED = 0.14
"""Share of those who pay whose last payment went wrong."""
DECLINES = ("card_declined", "insufficient_funds", "expired_card", "authentication_required")
MODELS = ("claude-sonnet", "claude-opus", "gpt-large", "open-coder")


def random_of(seed: int, kind: str, number: int) -> Random:
    """The chance of one document: the same whatever was made before it."""
    return Random(f"{seed}:{kind}:{number}")


def new_uuid(random: Random) -> str:
    return str(uuid.UUID(int=random.getrandbits(128), version=4))


def object_id(random: Random, made_at: datetime) -> ObjectId:
    """As the platform's driver would have made it at that time."""
    return ObjectId(int(made_at.timestamp()).to_bytes(4, "big") + random.randbytes(8))


def customer_id(seed: int, number: int) -> str:
    return new_uuid(random_of(seed, "customer", number))


def moment(random: Random, *, until: datetime, lean: float) -> datetime:
    """A time in the two years before `until`; the greater `lean`, the nearer to it."""
    age_s = DAYS * 86400 * random.random() ** lean
    found = until - timedelta(seconds=age_s)
    return found.replace(microsecond=found.microsecond // 1000 * 1000)


def customer(seed: int, number: int, *, until: datetime, small: bool = False) -> Document:
    random = random_of(seed, "customer", number)
    user_id = new_uuid(random)
    created_at = moment(random, until=until, lean=1.2)
    first, last = random.choice(FIRST_NAMES), random.choice(LAST_NAMES)
    made: Document = {
        "_id": object_id(random, created_at),
        "id": user_id,
        "email": _email(random, first, last, number),
        "name": f"{first} {last}",
        "created_at": created_at,
    }
    if small:
        return made
    plan = random.choice(PLANS)
    made["password_hash"] = "$argon2id$demo$" + random.randbytes(16).hex()
    made["last_seen_at"] = max(created_at, until - timedelta(days=90 * random.random() ** 3))
    made["locale"] = random.choice(("en", "en", "de", "fr", "es", "ja", "pt"))
    made["credits"] = Int64(random.randint(0, 50_000))
    if random.random() < 0.9:
        made["status"] = "suspended" if random.random() < 0.04 else "active"
    if plan != "free" or random.random() < 0.5:
        made["subscription"] = _subscription(random, plan, until)
    return made


def _email(random: Random, first: str, last: str, number: int) -> str:
    plain = f"{first}.{last}".lower().translate(str.maketrans("áãçéëíñóöüıı'", "aaceeinoouii-"))
    return f"{plain}{number}@{random.choice(MAIL_DOMAINS)}"


def _subscription(random: Random, plan: str, until: datetime) -> Document:
    status = "trialing" if random.random() < 0.1 else "active"
    if plan != "free" and random.random() < TROUBLED:
        status = random.choice(("past_due", "past_due", "unpaid", "canceled", "incomplete"))
    end = until + timedelta(days=random.randint(0, 30), hours=random.randint(1, 23))
    if status in ("past_due", "unpaid"):
        end -= timedelta(days=31)
    made: Document = {
        "plan": plan,
        "status": status,
        "current_period_start": end - timedelta(days=30),
        "current_period_end": end,
    }
    if plan in PRICES:
        made["price"] = Decimal128(PRICES[plan])
        made["currency"] = random.choice(("eur", "usd"))
    if status in ("past_due", "unpaid"):
        made["last_payment_error"] = random.choice(DECLINES)
        made["payment_attempts"] = random.randint(1, 4)
    if status == "trialing":
        made["trial_end"] = end
    elif status == "active" and plan in PRICES and random.random() < 0.06:
        made["cancel_at_period_end"] = True
    return made


def settings(seed: int, number: int) -> Document:
    random = random_of(seed, "settings", number)
    made: Document = {
        "_id": ObjectId(random.randbytes(12)),
        "user_id": customer_id(seed, number),
        "preferences": {
            "theme": random.choice(("light", "dark", "system")),
            "model": random.choice(MODELS),
            "autosave": random.random() < 0.9,
            "font_size": random.choice((12, 13, 14, 16)),
        },
        "api_keys": secrets.api_keys(random),
        "integrations": secrets.integrations(random, number),
    }
    preferences = made["preferences"]
    if random.random() < 0.5:
        preferences["locale"] = random.choice(("en-GB", "de", "fr", "ja"))
        preferences["editor"] = {"tab_size": Int64(2), "keymap": random.choice(("vim", "default"))}
    if random.random() < 0.03:
        preferences["font_size"] = str(preferences["font_size"])  # as an old client wrote it
    return made
