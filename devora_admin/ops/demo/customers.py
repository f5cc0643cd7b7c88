"""Demo customers, their settings and what they were seen doing."""

import uuid
from datetime import datetime, timedelta
from random import Random
from typing import Any

from bson import Decimal128, Int64, ObjectId

from devora_admin.ops.demo.words import FIRST_NAMES, LAST_NAMES, MAIL_DOMAINS

Document = dict[str, Any]
DAYS = 730

PLANS = ("free", "free", "free", "free", "pro", "pro", "team", "enterprise")
PRICES = {"pro": "19.00", "team": "79.00", "enterprise": "490.00"}
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
    made["last_seen_at"] = min(until, created_at + timedelta(days=random.random() * 300))
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
    if plan != "free" and random.random() < 0.08:
        status = "past_due"
    end = until + timedelta(days=random.randint(-5, 30))
    made: Document = {"plan": plan, "status": status, "current_period_end": end}
    if plan in PRICES:
        made["price"] = Decimal128(PRICES[plan])
        made["currency"] = random.choice(("eur", "usd"))
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
        "api_keys": {},
        "integrations": {},
    }
    if random.random() < 0.4:
        made["api_keys"]["anthropic"] = "demo-key-" + random.randbytes(16).hex()
    if random.random() < 0.3:
        token = "demo-token-" + random.randbytes(12).hex()
        made["integrations"]["github"] = {"token": token, "login": f"dev{number}"}
    return made


EVENTS = (
    *("login",) * 4,
    *("project_saved",) * 6,
    *("message_sent",) * 5,
    *("generation_completed",) * 5,
    *("project_created", "generation_failed", "deploy", "error", "signup"),
)


def event(seed: int, number: int, *, customers: int, until: datetime) -> Document:
    random = random_of(seed, "event", number)
    kind = random.choice(EVENTS)
    at = until - timedelta(seconds=90 * 86400 * random.random() ** 1.3)
    made: Document = {
        "_id": object_id(random, at),
        "event_type": kind,
        "user_id": customer_id(seed, random.randrange(customers)),
        "timestamp": at,
        "properties": {},
    }
    if kind.startswith("generation"):
        tokens = int(random.lognormvariate(7.5, 0.8))
        made["properties"] = {
            "model": random.choice(MODELS),
            "tokens": tokens,
            "latency_ms": int(random.lognormvariate(8.3, 0.5)),
            "cost_usd": round(tokens * 0.000012, 6),
        }
    if kind == "error":
        made["properties"] = {"message": "Build failed: module not found", "code": "E_BUILD"}
    return made
