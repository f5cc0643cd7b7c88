"""Secrets in the formats of their providers, made up, and projects that leak them."""

import base64
import json
import string
from collections.abc import Callable
from random import Random

from devora_admin.ops.demo.source.brief import Brief
from devora_admin.ops.demo.words import DOMAINS

LETTERS = string.ascii_letters + string.digits
UPPER = string.ascii_uppercase + "234567"


def _of(random: Random, begin: str, count: int, letters: str = LETTERS) -> str:
    return begin + "".join(random.choices(letters, k=count))


def _jwt(random: Random) -> str:
    def part(value: dict[str, str]) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")

    claims = {"iss": "supabase", "role": "service_role", "ref": _of(random, "", 20)}
    return f"{part({'alg': 'HS256', 'typ': 'JWT'})}.{part(claims)}.{_of(random, '', 43)}"


def _private_key(random: Random) -> str:
    body = "\\n".join(_of(random, "", 64) for _ in range(12))
    return f"-----BEGIN RSA PRIVATE KEY-----\\n{body}\\n-----END RSA PRIVATE KEY-----"


SECRETS: dict[str, Callable[[Random], str]] = {
    "openai": lambda random: _of(random, "sk-proj-", 74) + "T3BlbkFJ" + _of(random, "", 40),
    "anthropic": lambda random: _of(random, "sk-ant-api03-", 93),
    "aws": lambda random: _of(random, "AKIA", 16, UPPER),
    "aws_secret": lambda random: 'aws_secret_access_key="' + _of(random, "", 40),
    "github": lambda random: _of(random, "ghp_", 36),
    "stripe": lambda random: _of(random, "sk_live_", 24),
    "slack": lambda random: _of(random, "xoxb-", 40, string.digits + string.ascii_letters),
    "google": lambda random: _of(random, "AIzaSy", 33),
    "google_oauth": lambda random: _of(random, "GOCSPX-", 28),
    "private_key": _private_key,
    "jwt": _jwt,
    "address": lambda random: f"postgres://app:{_of(random, '', 20)}@db.quillstore.io:5432/app",
}


def iban(random: Random) -> str:
    account = _of(random, "", 18, string.digits)
    rest = int(account + "131400") % 97
    return f"DE{98 - rest:02d}{account}"


def brief(stack: str) -> Brief:
    return Brief(Random(stack), "Quill Store", "quill-store", DOMAINS[0])
