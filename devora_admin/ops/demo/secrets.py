"""Demo keys and tokens in their providers' formats, with DEMO in them: plainly no real ones."""

import string
from random import Random
from typing import Any

_MIXED = string.ascii_letters + string.digits
_UPPER = string.ascii_uppercase + string.digits

# Provider → how a key begins, how many characters follow, and of which.
KEYS = {
    "openai": ("sk-proj-DEMO", 40, _MIXED),
    "anthropic": ("sk-ant-api03-DEMO", 60, _MIXED),
    "google": ("AIzaDEMO", 31, _MIXED),
    "stripe": ("sk_test_DEMO", 20, _MIXED),
    "sendgrid": ("SG.DEMO", 16, _MIXED),
    "aws": ("AKIADEMO", 12, _UPPER),
    "huggingface": ("hf_DEMO", 30, _MIXED),
    "my.own.model": ("demo-", 24, _MIXED),
}


def _of(random: Random, begin: str, count: int, letters: str = _MIXED) -> str:
    return begin + "".join(random.choices(letters, k=count))


def key(random: Random, provider: str) -> str:
    found = _of(random, *KEYS[provider])
    return found + "." + _of(random, "", 43) if provider == "sendgrid" else found


def api_keys(random: Random) -> dict[str, str]:
    count = random.choice((0, 0, 1, 1, 2, 3))
    return {provider: key(random, provider) for provider in random.sample(sorted(KEYS), count)}


def integrations(random: Random, number: int) -> dict[str, Any]:
    made: dict[str, Any] = {}
    if random.random() < 0.35:
        made["github"] = {
            "token": _of(random, "ghp_DEMO", 32),
            "login": f"dev{number}",
            "scopes": ["repo", "workflow"],
        }
    if random.random() < 0.15:
        made["slack"] = {
            "bot_token": _of(random, "xoxb-DEMO-", 24),
            "webhook_url": "https://hooks.slack.com/services/DEMO/" + _of(random, "B", 24, _UPPER),
            "channel": "#builds",
        }
    if random.random() < 0.1:
        made["vercel"] = {
            "access_token": _of(random, "demo", 24),
            "refresh_token": _of(random, "demo", 32),
            "team": f"team-{number}",
            "expires_in": 3600,
        }
    return made
