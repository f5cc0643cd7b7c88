"""Which files are of use to remember: what people and the AI write, not what tools make of it."""

import re
from pathlib import PurePosixPath

MOST_CHARACTERS = 1_000_000
_GENERATED_FOLDERS = {"node_modules", "dist", "build", "out", ".next", ".nuxt", ".svelte-kit",
    "vendor", "__pycache__", ".git", "coverage", ".venv", "venv", "site-packages"}  # fmt: skip
_LOCKS = {"package-lock.json", "npm-shrinkwrap.json", "yarn.lock", "pnpm-lock.yaml", "bun.lockb",
    "poetry.lock", "uv.lock", "pipfile.lock", "cargo.lock", "composer.lock", "gemfile.lock",
    "go.sum", "deno.lock"}  # fmt: skip
_LONG_LINE = 5000
_LONGEST_DRAWING = 4000
_BLOB = re.compile(r"[A-Za-z0-9+/=]{2000}")
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\ufffd]")


def why_not(path: str, text: str) -> str:
    """The reason to leave a file out, for people; "" for one that is worth it."""
    place = PurePosixPath(path.lower())
    if place.name in _LOCKS:
        return "lock file"
    if _GENERATED_FOLDERS & set(place.parts[:-1]):
        return "generated or installed"
    if ".min." in place.name or place.suffix == ".map":
        return "minified"
    if not text.strip():
        return "empty"
    if len(text) > MOST_CHARACTERS:
        return "too large"
    if place.suffix == ".svg" and len(text) > _LONGEST_DRAWING:
        return "drawing"
    if len(_CONTROL.findall(text[:20_000])) * 20 > min(len(text), 20_000):
        return "no text"
    longest = max(map(len, text.split("\n")))
    if longest > _LONG_LINE and place.suffix not in (".md", ".mdx", ".txt"):
        return "minified"
    return "data" if _BLOB.search(text) else ""
