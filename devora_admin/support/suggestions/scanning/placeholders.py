"""What stands where a secret would: examples, templates, and what nobody would take for one."""

import math
import re
from collections import Counter
from pathlib import PurePosixPath

_WORDS = re.compile(
    r"\*{3,}|\.{3}|0{8,}|1{8,}|<|>|\$\{|\{\{|%\(|process\.env|example|sample|placeholder"
    r"|change[-_]?me|replace|insert|redacted|my[-_]key|12345678|abcdefgh|deadbeef",
    re.IGNORECASE,
)
_SHORT_WORDS = re.compile(r"x{4,}|your|todo|fake|dummy|mykey", re.IGNORECASE)
"""What a long key has by chance, too: one private key in hundreds says "fake" somewhere."""
_RANDOM_BITS = 4.25
"""Of a character: what people write has less, and a long key more."""
_PASSWORDS = frozenset(
    [
        "password",
        "passwd",
        "pass",
        "pwd",
        "secret",
        "root",
        "admin",
        "user",
        "username",
        "postgres",
        "mysql",
        "mongo",
        "mongodb",
        "redis",
        "guest",
        "test",
        "testing",
        "dev",
        "local",
        "demo",
        "changeit",
        "hunter2",
        "123456",
        "1234",
        "letmein",
    ]
)
_LEAST_BITS = 2.5
_TEMPLATES = (".example", ".sample", ".template", ".dist", ".tpl")
_LOCKS = frozenset(
    [
        "package-lock.json",
        "yarn.lock",
        "pnpm-lock.yaml",
        "bun.lock",
        "poetry.lock",
        "composer.lock",
        "Cargo.lock",
        "Pipfile.lock",
        "uv.lock",
        "Gemfile.lock",
    ]
)
_OTHERS = frozenset(("node_modules", "vendor", "bower_components", ".venv", "site-packages"))


def is_placeholder(value: str) -> bool:
    """value: what is random in it, without a prefix that all have."""
    found = bits(value)
    has_word = _WORDS.search(value) or (found < _RANDOM_BITS and _SHORT_WORDS.search(value))
    return bool(has_word) or found < _LEAST_BITS


def is_no_password(value: str) -> bool:
    """Also of what people make up, which holds less than a key does."""
    has_word = _WORDS.search(value) or _SHORT_WORDS.search(value)
    is_usual = value.lower() in _PASSWORDS or value.startswith("$")
    return bool(has_word) or is_usual or len(set(value)) < 4


def bits(value: str) -> float:
    """Of a character, by how often each occurs."""
    counts = Counter(value).values()
    return -sum(n / len(value) * math.log2(n / len(value)) for n in counts) if value else 0.0


def is_passed_over(path: str) -> bool:
    """A template to be filled in, a lock file, or code of others."""
    found = PurePosixPath(path)
    name = found.name.lower()
    return (
        name.endswith(_TEMPLATES) or any(f"{each}." in name for each in _TEMPLATES)
        or found.name in _LOCKS or bool(_OTHERS & set(found.parts))
    )  # fmt: skip
