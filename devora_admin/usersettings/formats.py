"""Whether a secret has the format of its provider. Nothing here talks to anybody."""

import re
from dataclasses import dataclass
from typing import Literal

from devora_admin.core.values.paths import Path
from devora_admin.usersettings.looks import bits_per_character

Level = Literal["ok", "doubtful", "wrong"]
SHORT = 16
"""Characters; no provider gives shorter keys."""
_FEW_BITS = 50


@dataclass(frozen=True, slots=True)
class Format:
    provider: str
    names: tuple[str, ...]
    """Words in the name of the field that mean this provider."""
    pattern: re.Pattern[str]
    described: str


@dataclass(frozen=True, slots=True)
class Verdict:
    level: Level
    text: str


def _format(provider: str, names: str, pattern: str, described: str) -> Format:
    return Format(provider, tuple(names.split()), re.compile(pattern, re.ASCII), described)


# The first that matches names the provider: the narrower ones come first.
FORMATS = (
    _format("Anthropic", "anthropic claude", r"sk-ant-[A-Za-z0-9_-]{20,}", "sk-ant-…"),
    _format("OpenRouter", "openrouter", r"sk-or-[A-Za-z0-9_-]{20,}", "sk-or-…"),
    _format("OpenAI", "openai gpt chatgpt", r"sk-(?!ant-|or-)[A-Za-z0-9_-]{20,}",
            "sk-…"),
    _format("GitHub", "github", r"gh[pousr]_[A-Za-z0-9]{36,}|github_pat_[A-Za-z0-9_]{22,}",
            "ghp_… or github_pat_…"),
    _format("GitLab", "gitlab", r"glpat-[A-Za-z0-9_.-]{20,}", "glpat-…"),
    _format("Stripe", "stripe",
            r"(sk|rk|pk)_(live|test)_[A-Za-z0-9]{16,}|whsec_[A-Za-z0-9+/=]{20,}",
            "sk_live_…, rk_live_… or whsec_…"),
    _format("Google", "google gemini firebase gcp",
            r"AIza[A-Za-z0-9_-]{35}|ya29\.[A-Za-z0-9._-]{20,}",
            "AIza… with 39 characters"),
    _format("AWS", "aws amazon", r"(AKIA|ASIA)[A-Z0-9]{16}|[A-Za-z0-9/+]{40}",
            "AKIA… with 20 characters, or a secret of 40"),
    _format("Slack", "slack",
            r"(xox[abeprs]|xapp)-[A-Za-z0-9-]{10,}|https://hooks\.slack\.com/services/\S+",
            "xoxb-…, or an address at hooks.slack.com"),
    _format("SendGrid", "sendgrid", r"SG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}", "SG.….…"),
    _format("Hugging Face", "huggingface hf", r"hf_[A-Za-z0-9]{20,}", "hf_…"),
    _format("Groq", "groq", r"gsk_[A-Za-z0-9]{20,}", "gsk_…"),
)  # fmt: skip
# A pattern so wide that matching it says nothing about where a secret is from.
_TELLS_NOTHING = re.compile(r"[A-Za-z0-9/+]{40}")


def provider_of(path: Path) -> str:
    """The name of the provider or integration a secret stands under."""
    return str(path[1]) if len(path) > 1 else str(path[0])


def check(provider: str, text: str) -> Verdict:
    """provider: as the settings name it. The verdict never repeats the secret."""
    text, is_padded = text.strip(), text != text.strip()
    if any(each.isspace() for each in text) and not text.startswith("-----BEGIN"):
        return Verdict("wrong", "It has spaces or line breaks inside, which no key has.")
    found = _checked(_known(provider), text)
    if is_padded and found.level == "ok":
        return Verdict("doubtful", f"{found.text} But there is a space around it.")
    return found


def _checked(expected: Format | None, text: str) -> Verdict:
    if expected is None:
        return _unknown(text)
    if expected.pattern.fullmatch(text):
        return Verdict("ok", f"It has the format of {expected.provider}: {expected.described}.")
    other = _owner(text)
    if other and other is not expected:
        return Verdict("wrong", f"It has the format of {other.provider}, not of "
                                f"{expected.provider} ({expected.described}).")  # fmt: skip
    return Verdict("wrong", f"It is not in the format of {expected.provider}: "
                            f"{expected.described}.")  # fmt: skip


def _unknown(text: str) -> Verdict:
    owner = _owner(text)
    if owner:
        return Verdict("ok", f"It has the format of {owner.provider}: {owner.described}.")
    if len(text) < SHORT:
        return Verdict("doubtful", f"It has {len(text)} characters, few for a key.")
    if bits_per_character(text) * len(text) < _FEW_BITS:
        return Verdict("doubtful", "It repeats few characters, more like a placeholder than a key.")
    return Verdict("ok", f"It has {len(text):,} characters and looks random. "
                         "Its provider's format is not known here.")  # fmt: skip


def _known(provider: str) -> Format | None:
    words = set(re.findall(r"[a-z0-9]+", provider.lower()))
    return next((each for each in FORMATS if not words.isdisjoint(each.names)), None)


def _owner(text: str) -> Format | None:
    if _TELLS_NOTHING.fullmatch(text):
        return None
    return next((each for each in FORMATS if each.pattern.fullmatch(text)), None)
