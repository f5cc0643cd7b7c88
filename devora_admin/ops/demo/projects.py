"""Demo projects: whole ones, tiny ones for growth, old ones and broken ones."""

import re
from datetime import datetime, timedelta
from random import Random
from typing import Any

from devora_admin.ops.demo.conversations import conversation
from devora_admin.ops.demo.customers import (
    Document,
    customer_id,
    moment,
    new_uuid,
    object_id,
    random_of,
)
from devora_admin.ops.demo.leaks import leaked
from devora_admin.ops.demo.metadata import metadata
from devora_admin.ops.demo.source import files_of
from devora_admin.ops.demo.source.brief import Brief, file
from devora_admin.ops.demo.words import BRANDS, DOMAINS, RARE_BRANDS, TAILS, Domain

STACKS_OF = {
    "saas": ("next", "next", "flask", "vue"),
    "blog": ("next", "static", "static"),
    "ecommerce": ("next", "vue", "express"),
    "portfolio": ("static", "react"),
    "dashboard": ("react", "next", "vue"),
    "api": ("express", "flask"),
    "game": ("react", "static"),
    "landing_page": ("static", "next"),
    "chatbot": ("next", "flask"),
    "internal_tool": ("flask", "react", "vue"),
}
TYPES = tuple(STACKS_OF)

SMALLEST, LARGEST = 1_500, 300_000
# A few are as large as the largest that people really make, at the same places in every demo.
SIZES_AT = {12: 200_000, 40: 950_000, 77: 290_000}


def project(
    seed: int, number: int, *, customers: int, until: datetime, small: bool = False
) -> Document:
    """The same for the same arguments, whatever was made before."""
    random = random_of(seed, "project", number)
    made, domain = _head(random, seed, customers=customers, until=until)
    if small:
        line = f"export default {random.getrandbits(32)};\n"
        return {**made, "files": [file("index.js", line)], "metadata": {}, "revision": 0}
    _furnish(made, random, domain, size_bytes=_size(random, number))
    made["files"] += leaked(number, random_of(seed, "leak", number))
    _age(made, random, until)
    return break_one(made, number)


def head(seed: int, number: int, *, customers: int, until: datetime) -> Document:
    """Id, owner and dates of `project(…)`, without the rest: what events need."""
    return _head(random_of(seed, "project", number), seed, customers=customers, until=until)[0]


def _head(random: Random, seed: int, *, customers: int, until: datetime) -> tuple[Document, Domain]:
    created_at = moment(random, until=until, lean=1.5)
    domain = random.choice(DOMAINS)
    kind = random.choice(TYPES)
    # Most customers have a few projects, a few have very many.
    owner = customer_id(seed, int(customers * random.random() ** 2))
    made: Document = {
        "_id": object_id(random, created_at),
        "id": new_uuid(random),
        "user_id": owner,
        "name": name(random, domain),
        "project_type": kind,
        "created_at": created_at,
        "updated_at": _between(random, created_at, until),
    }
    return made, domain


def name(random: Random, domain: Domain) -> str:
    brand = random.choice(RARE_BRANDS if random.random() < 1 / 3000 else BRANDS)
    words = [brand, random.choice(domain.nouns)]
    if random.random() < 0.5:
        words.append(random.choice(TAILS))
    if random.random() < 0.3:
        words.append(str(random.randint(2, 99)))
    return " ".join(words)


def _size(random: Random, number: int) -> int:
    drawn = int(random.lognormvariate(8.75, 0.85))
    return SIZES_AT.get(number) or min(max(drawn, SMALLEST), LARGEST)


def _between(random: Random, start: datetime, end: datetime) -> datetime:
    share: float = random.random() ** 2.5
    found = start + (end - start) * share
    return found.replace(microsecond=found.microsecond // 1000 * 1000)


def _furnish(made: Document, random: Random, domain: Domain, *, size_bytes: int) -> None:
    slug = re.sub(r"[^a-z0-9]+", "-", made["name"].lower()).strip("-")
    brief = Brief(random=random, title=made["name"], slug=slug, domain=domain)
    stack = random.choice(STACKS_OF[made["project_type"]])
    files = files_of(stack, brief, size_bytes=int(size_bytes * 0.8))
    # An answer is about 700 bytes: talk is the last fifth, and nobody talks for ever.
    turns = min(max(1, size_bytes // 5 // 700), 60)
    made["description"] = f"{made['name']} {domain.pitch}."
    made["files"] = files
    made["metadata"] = metadata(made["project_type"], random, made["created_at"])
    made["conversation_history"] = conversation(brief, files, turns=turns, start=made["created_at"])
    made["framework"] = stack  # one of the fields the dashboard does not know


def _age(made: Document, random: Random, until: datetime) -> None:
    """What time does to documents: newer fields missing in old ones, some put away."""
    if random.random() < 0.3:
        made["revision"] = random.randint(1, 40)
    if random.random() < 0.07:
        made["archived_at"] = min(until, made["updated_at"] + timedelta(days=random.randint(0, 30)))
    if random.random() < 0.03:
        for missing in ("description", "updated_at", "conversation_history"):
            made.pop(missing, None)


# Faults that were seen in real collections: each is shown as malformed and breaks no page.
FAULTS: dict[int, dict[str, Any]] = {
    21: {"files": {"app/page.tsx": "export default 1"}},
    33: {"files": [{"name": None, "content": 42}, "not a file"]},
    48: {"name": 12345, "metadata": ["a", "list"]},
    66: {"conversation_history": [{"role": "user"}, "hello", {"content": {"text": "nested"}}]},
    84: {"created_at": "2025-11-02 10:00", "updated_at": None},
}


def break_one(made: Document, number: int) -> Document:
    return {**made, **FAULTS.get(number, {})}
