"""What a file is: the language of its path, and whether its bytes are text at all."""

from pathlib import PurePosixPath

PLAIN = "plaintext"

# Names as Monaco and the platform use them.
_BY_SUFFIX = {
    "typescript": "ts tsx mts cts",
    "javascript": "js jsx mjs cjs",
    "python": "py pyi pyw",
    "json": "json jsonc json5 webmanifest map",
    "html": "html htm xhtml vue svelte astro hbs ejs njk",
    "css": "css pcss postcss",
    "scss": "scss sass",
    "less": "less",
    "markdown": "md markdown",
    "mdx": "mdx",
    "yaml": "yaml yml",
    "xml": "xml svg xsl xslt plist",
    "sql": "sql",
    "graphql": "graphql gql",
    "shell": "sh bash zsh fish",
    "ini": "ini cfg conf toml properties env editorconfig npmrc",
    "go": "go",
    "rust": "rs",
    "java": "java",
    "kotlin": "kt kts",
    "swift": "swift",
    "ruby": "rb rake gemspec",
    "php": "php",
    "c": "c h",
    "cpp": "cpp cc cxx hpp hh",
    "csharp": "cs",
    "prisma": "prisma",
    "dockerfile": "dockerfile",
}
_SUFFIXES = {
    suffix: language for language, suffixes in _BY_SUFFIX.items() for suffix in suffixes.split()
}
_NAMES = {
    "dockerfile": "dockerfile",
    "containerfile": "dockerfile",
    "gemfile": "ruby",
    "rakefile": "ruby",
    ".babelrc": "json",
    ".prettierrc": "json",
    ".eslintrc": "json",
    ".bashrc": "shell",
    ".profile": "shell",
    ".npmrc": "ini",
    ".editorconfig": "ini",
}

KNOWN = (*sorted(_BY_SUFFIX), PLAIN)
"""Every language that `language_of` names."""


def language_of(path: str) -> str:
    """The language a path's name suggests; "plaintext" when it suggests none."""
    name = PurePosixPath(path).name.lower()
    if name in _NAMES:
        return _NAMES[name]
    if name == ".env" or name.startswith(".env."):
        return "ini"
    if name.startswith("dockerfile."):
        return "dockerfile"
    return _SUFFIXES.get(name.rpartition(".")[2], PLAIN) if "." in name else PLAIN


_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")


def is_binary(data: bytes) -> bool:
    """Whether these bytes cannot be kept as text: not UTF-8, or with NUL bytes as binaries have.

    data: the whole file, as a cut one may end within a letter.
    """
    if data.startswith(_UTF16_MARKS) or b"\0" in data:
        return True
    try:
        data.decode()
    except UnicodeDecodeError:
        return True
    return False
