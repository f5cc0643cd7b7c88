"""What demo customers were seen doing: on projects of their own, and more of it lately."""

from collections.abc import Callable
from datetime import datetime, timedelta
from random import Random
from typing import Any

from devora_admin.ops.demo.customers import (
    DECLINES,
    MODELS,
    Document,
    customer,
    object_id,
    random_of,
)
from devora_admin.ops.demo.projects import head

DAYS = 90
KINDS = (
    *("login",) * 4,
    *("project_saved",) * 6,
    *("message_sent",) * 6,
    *("generation_completed",) * 6,
    *("generation_failed",) * 2,
    "project_created", "deploy", "error", "error",
)  # fmt: skip
# Types the dashboard knows nothing of, as the platform adds them.
RARE = ("domain_connected", "referral_used", "invoice_paid", "payment_failed", "quota_warning")
ALONE = frozenset({"login", *RARE})
"""Not about a project."""

GENERATION_FAULTS = (
    ("rate_limited", "The model refused the request: too many tokens in this minute."),
    ("context_too_long", "The conversation is longer than the model reads: 214,380 tokens."),
    ("timeout", "The model did not answer within 120 s."),
    ("overloaded", "The model is overloaded. Tried 3 times."),
    ("bad_patch", "The answer changes lines that are not in src/App.tsx."),
)
ERRORS = (
    ("E_BUILD", "Build failed: Cannot find module '@/components/Button'"),
    (
        "E_BUILD",
        "Build failed: Type 'string' is not assignable to type 'number' in app/page.tsx:42",
    ),
    ("E_DEPLOY", "Deploy failed: the health check answered 502 for 60 s"),
    ("E_RUNTIME", "TypeError: Cannot read properties of undefined (reading 'map')"),
    ("E_QUOTA", "Preview stopped: 512 MB of memory used up"),
)
DEVICES = ("Chrome on Windows", "Safari on macOS", "Firefox on Linux", "Safari on iPhone")

# Faults that were seen in real collections, at the same places in every demo.
FAULTS: dict[int, dict[str, Any]] = {
    150: {"timestamp": "2026-01-05T10:00:00Z"},
    175: {"properties": ["no", "object"]},
    190: {"properties": {"tokens": "1200", "latency_ms": None, "model": 7}},
    210: {"event_type": None},
}


def event(seed: int, number: int, *, customers: int, projects: int, until: datetime) -> Document:
    """The first events are the sign-ups, one for each customer."""
    random = random_of(seed, "event", number)
    if number < customers:
        who = customer(seed, number, until=until, small=True)
        made = _made(random, "signup", who["created_at"], who["id"])
        made["properties"] = {"source": random.choice(("search", "friend", "newsletter", "ad"))}
        return made
    about = head(seed, random.randrange(max(1, projects)), customers=customers, until=until)
    kind = random.choice(KINDS) if random.random() < 0.96 else random.choice(RARE)
    at = until - timedelta(seconds=DAYS * 86400 * random.random() ** 2)
    at = max(at, about["created_at"]) if kind not in ALONE else at
    made = _made(random, kind, at.replace(microsecond=at.microsecond // 1000 * 1000),
                 about["user_id"])  # fmt: skip
    if kind not in ALONE:
        made["project_id"] = about["id"]
    made["properties"] = properties(kind, random)
    return {**made, **FAULTS.get(number, {})}


RISES = (
    ("generation_failed", "overloaded", "The model is overloaded. Tried {} times.", 34),
    ("error", "E_DEPLOY", "Deploy failed: the registry answered 503 for {} s", 26),
)
"""What rises in the last hour of every demo: type, code, message, and how many."""


def rising(
    seed: int, number: int, *, customers: int, projects: int, until: datetime
) -> list[Document]:
    """Of several customers, within the 50 minutes before `until`."""
    kind, code, message, count = RISES[number]
    random = random_of(seed, "rise", number)
    made = []
    for _ in range(count):
        about = head(seed, random.randrange(max(1, projects)), customers=customers, until=until)
        at = until - timedelta(seconds=random.randrange(3000))
        one = _made(random, kind, at.replace(microsecond=0), about["user_id"])
        told = {"code": code, "message": message.format(random.randint(3, 120))}
        if kind == "generation_failed":
            told["model"] = MODELS[0]
        made.append({**one, "project_id": about["id"], "properties": told})
    return made


def _made(random: Random, kind: str, at: datetime, user_id: str) -> Document:
    return {
        "_id": object_id(random, at),
        "event_type": kind,
        "user_id": user_id,
        "timestamp": at,
        "properties": {},
    }


def properties(kind: str, random: Random) -> Document:
    return _PROPERTIES[kind](random) if kind in _PROPERTIES else {}


def _generation(random: Random) -> Document:
    tokens = int(random.lognormvariate(7.5, 0.8))
    return {
        "model": random.choice(MODELS),
        "tokens": tokens,
        "latency_ms": int(random.lognormvariate(8.3, 0.5)),
        "cost_usd": round(tokens * 0.000012, 6),
    }


def _failed_generation(random: Random) -> Document:
    code, message = random.choice(GENERATION_FAULTS)
    return {**_generation(random), "tokens": random.randint(0, 400), "code": code,
            "message": message}  # fmt: skip


def _error(random: Random) -> Document:
    code, message = random.choice(ERRORS)
    return {"code": code, "message": message, "build": random.randint(100, 999)}


def _login(random: Random) -> Document:
    address = f"203.0.113.{random.randint(1, 254)}"
    return {"device": random.choice(DEVICES), "ip": address, "method": "password"}


def _payment(random: Random) -> Document:
    return {"reason": random.choice(DECLINES), "attempt": random.randint(1, 4), "amount": "19.00"}


_PROPERTIES: dict[str, Callable[[Random], Document]] = {
    "login": _login,
    "message_sent": lambda random: {"characters": random.randint(8, 1200)},
    "project_saved": lambda random: {"files": random.randint(1, 9)},
    "generation_completed": _generation,
    "generation_failed": _failed_generation,
    "deploy": lambda random: {"environment": "production", "seconds": random.randint(9, 90)},
    "error": _error,
    "payment_failed": _payment,
    "invoice_paid": lambda random: {"amount": random.choice(("19.00", "79.00")), "currency": "eur"},
    "quota_warning": lambda random: {"used_percent": random.randint(80, 99)},
    "domain_connected": lambda random: {"domain": f"app{random.randint(1, 999)}.example"},
    "referral_used": lambda random: {"code": f"FRIEND{random.randint(10, 99)}"},
}
