"""Keys of providers, private keys, tokens and passwords in addresses, by their formats.

Formats: the providers' own documentation. A format that only a few letters tell is not looked for:
what staff open has to be worth the look.
"""

import base64
import json
import re
from collections.abc import Callable
from typing import Any

from devora_admin.support.suggestions.scanning.finding import Certainty, Detector, Hits
from devora_admin.support.suggestions.scanning.placeholders import is_no_password, is_placeholder

_REVOKE = "Ask the customer to revoke the key at {} and to read the new one from the environment."


def _matching(pattern: str, certainty: Certainty = "sure") -> Callable[[str], Hits]:
    """pattern: group 1 is the whole, group 2 what is random in it."""
    compiled = re.compile(pattern)

    def find(text: str) -> Hits:
        for found in compiled.finditer(text):
            if not is_placeholder(found[2]):
                yield found.start(1), found[1], certainty

    return find


_OPENAI = re.compile(
    r"(?<![\w-])(sk-(?!ant-)(?:proj-|svcacct-|admin-)?([A-Za-z0-9_-]{20,200}))(?![\w-])"
)


def _openai(text: str) -> Hits:
    """Others begin their keys with "sk-", too: theirs are left out."""
    for found in _OPENAI.finditer(text):
        key, random = found[1], found[2]
        is_known = key.startswith(("sk-proj-", "sk-svcacct-", "sk-admin-"))
        is_old = len(random) == 48 and random.isalnum()
        if (is_known or is_old or "T3BlbkFJ" in random) and not is_placeholder(random):
            yield found.start(1), key, "sure" if "T3BlbkFJ" in random else "likely"


_HEAD = re.compile(r"-----BEGIN (?:[A-Z]+ ){0,2}PRIVATE KEY(?: BLOCK)?-----")
_BODY = re.compile(r"[A-Za-z0-9+/=]{8,}")
_BODY_WITHIN = 4000


def _private_key(text: str) -> Hits:
    """With at least three lines of it: a head alone is code that looks for one."""
    for found in _HEAD.finditer(text):
        after = text[found.end() : found.end() + _BODY_WITHIN].partition("-----END")[0]
        body = "\n".join(_BODY.findall(after.replace("\\n", "\n")))
        if len(body) >= 120 and not is_placeholder(body):
            yield found.start(), body, "sure"


_JWT = re.compile(
    r"(?<![\w.-])eyJ[A-Za-z0-9_-]{10,2000}+\.eyJ[A-Za-z0-9_-]{10,8000}+\.[A-Za-z0-9_-]{20,1000}+"
)
_KNOWN_SIGNATURES = ("SflKxwRJSMeKKF2QT4fwpMeJf36POk6yJV_adQssw5c",
                     "TJVA95OrM7E2cBab30RMHrHDcEfxjoYZgeFONFh7HgQ")  # fmt: skip


def _jwt(text: str) -> Hits:
    """Without those that are made to be public: of documentation, and for anonymous visitors."""
    for found in _JWT.finditer(text):
        head, body, signature = found[0].split(".")
        claims = _decoded(body)
        if "alg" not in _decoded(head) or signature in _KNOWN_SIGNATURES:
            continue
        if claims.get("role") == "anon" or not claims:
            continue
        is_service = claims.get("role") == "service_role"
        yield found.start(), found[0], "sure" if is_service else "possible"


def _decoded(part: str) -> dict[str, Any]:
    try:
        found = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


_ADDRESS = re.compile(
    r"(?<![A-Za-z0-9])(?:postgres(?:ql)?|mysql|mariadb|mongodb|rediss?|amqps?|mssql|sqlserver"
    r"|cockroachdb|smtps?)(?:\+[a-z0-9]{1,12})?://[^\s:@/'\"`<>]{0,128}"
    r":([^\s@'\"`<>/]{4,128})@([A-Za-z0-9.-]{1,255})"
)
_NEAR = ("localhost", "host.docker.internal", "0.0.0.0")  # noqa: S104  named, not listened at
_RESERVED = (".example", ".test", ".invalid", ".local", "example.com", "example.org", "example.net")


def _address(text: str) -> Hits:
    """Not of a store that nobody reaches from elsewhere: on the same machine or in the same set of
    containers, whose names have no dot."""
    for found in _ADDRESS.finditer(text):
        password, host = found[1], found[2].lower()
        is_near = "." not in host or host in _NEAR or host.startswith("127.")
        if not is_near and not host.endswith(_RESERVED) and not is_no_password(password):
            yield found.start(1), password, "likely"


SECRETS = (
    Detector("openai", "OpenAI key", "secret", ("sk-",), _openai, _REVOKE.format("OpenAI")),
    Detector(
        "anthropic", "Anthropic key", "secret", ("sk-ant-",),
        _matching(r"(?<![\w-])(sk-ant-[a-z0-9]{2,8}-([A-Za-z0-9_-]{32,200}))(?![\w-])"),
        _REVOKE.format("Anthropic"),
    ),
    Detector(
        "aws", "AWS access key", "secret", ("AKIA", "ASIA"),
        _matching(r"(?<![A-Za-z0-9])((?:AKIA|ASIA)([A-Z2-7]{16}))(?![A-Za-z0-9])"),
        _REVOKE.format("AWS"),
    ),
    Detector(
        "aws_secret", "AWS secret key", "secret",
        ("secret_access_key", "SECRET_ACCESS_KEY", "secretAccessKey", "SecretAccessKey"),
        _matching(r"(?i:secret_?access_?key)[\"'`]?\s{0,4}[:=]\s{0,4}[\"'`]?"
                  r"(([A-Za-z0-9/+]{40}))(?![A-Za-z0-9/+=])"),
        _REVOKE.format("AWS"),
    ),
    Detector(
        "github", "GitHub token", "secret", ("ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_"),
        _matching(r"(?<!\w)((?:gh[pousr]_|github_pat_)([A-Za-z0-9_]{36,255}))(?!\w)"),
        _REVOKE.format("GitHub"),
    ),
    Detector(
        "stripe", "Stripe key", "secret", ("sk_live_", "rk_live_", "whsec_"),
        _matching(r"(?<!\w)((?:[sr]k_live_|whsec_)([A-Za-z0-9]{20,247}))(?!\w)"),
        _REVOKE.format("Stripe"),
    ),
    Detector(
        "slack", "Slack token", "secret", ("xox", "hooks.slack.com/services/"),
        _matching(r"(?<![\w-])((?:xox[abeprs]-|hooks\.slack\.com/services/T)"
                  r"([A-Za-z0-9/-]{20,200}))(?![\w-])"),
        _REVOKE.format("Slack"),
    ),
    Detector(
        "google", "Google API key", "secret", ("AIza",),
        _matching(r"(?<![\w-])(AIza([A-Za-z0-9_-]{35}))(?![\w-])", "possible"),
        "One of Firebase may be public. Ask the customer to restrict it to their site, or to revoke"
        " it at Google.",
    ),
    Detector(
        "google_oauth", "Google client secret", "secret", ("GOCSPX-",),
        _matching(r"(?<![\w-])(GOCSPX-([A-Za-z0-9_-]{28}))(?![\w-])"),
        _REVOKE.format("Google"),
    ),
    Detector(
        "private_key", "Private key", "secret", ("PRIVATE KEY",), _private_key,
        "Ask the customer to replace the key pair and to keep the new one out of the project.",
        ending=0,
    ),
    Detector(
        "jwt", "Token (JWT)", "secret", ("eyJ",), _jwt,
        "Ask the customer what it opens, and to revoke it when it is still good.",
    ),
    Detector(
        "address", "Password in an address", "secret", ("://",), _address,
        "Ask the customer to change the password and to read the address from the environment.",
        ending=0,
    ),
)  # fmt: skip
