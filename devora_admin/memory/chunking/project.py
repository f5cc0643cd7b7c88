"""A project itself: what it is called and said to be, and what it is built with."""

import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from devora_admin.memory.chunking.piece import Piece, clean
from devora_admin.memory.chunking.prose import parts
from devora_admin.projects.languages import PLAIN, language_of

MOST_TERMS = 120
_LONGEST_TERM = 80
_MOST_WORDS = 1000
_NEEDED = re.compile(r"^\s*([A-Za-z0-9][A-Za-z0-9._-]*)")
_PYPROJECT_DEPENDENCY = re.compile(
    r"""["']([A-Za-z0-9][A-Za-z0-9._-]*)\s*(?:\[[^\]]*\])?[^"']*["']"""
)
_PYPROJECT_LIST = re.compile(r"^dependencies\s*=\s*\[(.*?)^\s*\]", re.DOTALL | re.MULTILINE)
_GEM = re.compile(r"""^\s*gem\s+["']([\w.-]+)["']""", re.MULTILINE)
_GO = re.compile(r"^\s*(?:require\s+)?([\w.-]+\.[a-z]+/[\w./-]+)\s+v", re.MULTILINE)
_IMAGE = re.compile(r"^FROM\s+(?:--\S+\s+)?([\w./-]+)", re.MULTILINE | re.IGNORECASE)
_MANIFESTS = {"package.json", "composer.json", "requirements.txt", "pyproject.toml", "gemfile",
              "go.mod", "dockerfile"}  # fmt: skip
_COMMON_LANGUAGES = {"json", "markdown", PLAIN, "ini", "yaml", "xml"}
_LONGEST_MANIFEST = 500_000


def pieces_of_project(document: Mapping[str, Any]) -> list[Piece]:
    """Name, description, kind and what its metadata says in words. Any of them may be missing."""
    said = [_text(document.get(key)) for key in ("name", "description")]
    if kind := _text(document.get("project_type")):
        said.append(f"Kind: {kind}")
    said += _words(document.get("metadata"))
    return [Piece("project", part) for part in parts("\n".join(filter(None, said)))]


def stack_of(document: Mapping[str, Any]) -> tuple[str, ...]:
    """What it is built with as sorted terms: "npm:next", "pip:django", "language:typescript",
    "kind:saas", "has:auth"."""
    terms: set[str] = set()
    files = document.get("files")
    languages: Counter[str] = Counter()
    for file in files if isinstance(files, list) else ():
        name, content = (
            (file.get("name"), file.get("content")) if isinstance(file, Mapping) else (None, None)
        )
        if not isinstance(name, str) or not isinstance(content, str):
            continue
        languages[language_of(name)] += len(content)
        if len(content) <= _LONGEST_MANIFEST and "node_modules/" not in name:
            terms |= set(needed(name.rsplit("/", 1)[-1].lower(), content))
    terms |= {f"language:{each}" for each in _main(languages)}
    if kind := _text(document.get("project_type")):
        terms.add(f"kind:{kind.lower()}")
    metadata = document.get("metadata")
    if isinstance(metadata, Mapping):
        terms |= {
            f"has:{key[4:]}"
            for key, value in metadata.items()
            if isinstance(key, str) and key.startswith("has_") and value is True
        }
    usable = sorted(term for term in map(clean, terms) if len(term) <= _LONGEST_TERM)
    return tuple(usable[:MOST_TERMS])


def _main(languages: Counter[str]) -> Iterable[str]:
    """Those with a tenth of the code or more."""
    counted = {each: size for each, size in languages.items() if each not in _COMMON_LANGUAGES}
    total = sum(counted.values())
    return [each for each, size in counted.items() if size * 10 >= total]


def needed(name: str, content: str) -> Iterable[str]:
    """Terms of what a manifest asks for. name: of the file, in lower case."""
    if name not in _MANIFESTS:
        return ()
    if name in ("package.json", "composer.json"):
        return _from_json(content, "npm" if name == "package.json" else "composer")
    if name == "requirements.txt":
        found = (_NEEDED.match(line) for line in content.splitlines())
        return [f"pip:{match[1].lower()}" for match in found if match]
    if name == "pyproject.toml":
        lists = _PYPROJECT_LIST.findall(content)
        return [
            f"pip:{each.lower()}" for text in lists for each in _PYPROJECT_DEPENDENCY.findall(text)
        ]
    pattern, kind = {
        "gemfile": (_GEM, "gem"),
        "go.mod": (_GO, "go"),
        "dockerfile": (_IMAGE, "image"),
    }[name]
    return [f"{kind}:{each.lower()}" for each in pattern.findall(content)]


def _from_json(content: str, kind: str) -> Iterable[str]:
    try:
        manifest = json.loads(content)
    except (ValueError, RecursionError):
        return ()
    found: list[str] = []
    for key in ("dependencies", "devDependencies", "require"):
        needed = manifest.get(key) if isinstance(manifest, dict) else None
        if isinstance(needed, dict):
            # Types say nothing that the package itself does not.
            found += [f"{kind}:{each.lower()}" for each in needed if not each.startswith("@types/")]
    return found


def _text(value: Any) -> str:
    return clean(value).strip() if isinstance(value, str) else ""


def _words(metadata: Any) -> list[str]:
    """Short texts and lists of texts, as "key: value"."""
    if not isinstance(metadata, Mapping):
        return []
    found: list[str] = []
    for key, value in metadata.items():
        texts = value if isinstance(value, list) else [value]
        words = [_text(each) for each in texts if isinstance(each, str)]
        shown = ", ".join(word for word in words if word)
        if shown and len(shown) <= _MOST_WORDS and isinstance(key, str):
            found.append(f"{clean(key).replace('_', ' ')}: {shown}")
    return found
