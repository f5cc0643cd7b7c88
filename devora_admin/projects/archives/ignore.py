"""What is left out of an import: folders no project needs, and what .gitignore files name."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

from pathspec import GitIgnoreSpec

from devora_admin.core.errors import InvalidInput

LEFT_OUT_FOLDERS = frozenset(
    {
        ".git", ".hg", ".svn", "node_modules", "bower_components", ".next", ".nuxt", ".svelte-kit",
        ".turbo", ".parcel-cache", ".cache", ".vercel", ".netlify", "__pycache__", ".venv",
        ".mypy_cache", ".pytest_cache", ".ruff_cache", ".idea", "__MACOSX",
    }
)  # fmt: skip
LEFT_OUT_FILES = frozenset({".DS_Store", "Thumbs.db", "desktop.ini"})

GITIGNORE = ".gitignore"
MAX_GITIGNORE_BYTES = 64 * 1024

# Patterns become regular expressions, tried against each path. These bounds keep the worst ones
# harmless: a few wildcards per name, and a total that a person does not notice.
_MAX_STARS = 3
_MAX_DEEP_STARS = 2
_MAX_PATTERNS = 5_000
_MAX_CHECKS = 2_000_000


class IgnoreRules:
    """The .gitignore files from the root to one folder: deeper ones win, then later lines."""

    def __init__(self) -> None:
        self._specs: list[tuple[str, GitIgnoreSpec]] = []
        self._patterns = 0
        self._checks = 0

    @contextmanager
    def within(self, folder: str, text: str) -> Iterator[None]:
        """Adds a folder's rules while inside. folder: "" or ending with a slash."""
        lines = text.splitlines()
        self._patterns += len(lines)
        if self._patterns > _MAX_PATTERNS:
            raise InvalidInput("There are too many .gitignore rules.", field="archive")
        usable = filter(_is_usable, map(_inside_only, lines))
        spec = GitIgnoreSpec.from_lines(usable, backend="simple")
        if spec.patterns:
            self._specs.append((folder, spec))
        yield
        if spec.patterns:
            self._specs.pop()

    def ignores(self, path: str) -> bool:
        """path: a folder's ends with a slash. Its parents must not be ignored themselves."""
        for folder, spec in reversed(self._specs):
            self._checks += len(spec.patterns)
            if self._checks > _MAX_CHECKS:
                message = "There are too many .gitignore rules for so many files."
                raise InvalidInput(message, field="archive")
            found = spec.check_file(path[len(folder) :]).include
            if found is not None:
                return found
        return False


def _inside_only(line: str) -> str:
    """ "src/**" is all that lies in src and not src itself, which pathspec's pattern takes too."""
    bare = line.rstrip()
    return f"{bare}/?*" if bare.endswith("/**") else line


def _is_usable(line: str) -> bool:
    parts = line.split("/")
    deep = sum(part == "**" for part in parts)
    if deep > _MAX_DEEP_STARS or any(p.count("*") > _MAX_STARS for p in parts if p != "**"):
        return False
    try:
        GitIgnoreSpec.from_lines([line], backend="simple")
    except (ValueError, re.error):  # git, too, passes over a line it cannot use
        return False
    return True
