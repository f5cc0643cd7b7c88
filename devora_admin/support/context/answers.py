"""A resolution as it may be used again for somebody else: without the code of their project."""

import re

LEFT_OUT = "[code left out]"
_FENCED = re.compile(
    r"^ {0,3}(`{3,20}|~{3,20})[^\n]*\n.*?(?:^ {0,3}\1[`~]*[ \t]*$|\Z)", re.M | re.S
)
_INDENTED = re.compile(r"(?:\A|(?<=\n\n))(?:(?: {4}|\t)[^\n]*(?:\n+|\Z))+")
_INLINE = re.compile(r"(?<!`)(`+)(?!`)[^\n]*?(?<!`)\1(?!`)")
_LONGEST_INLINE = 60
"""Of code within a line: the name of a command or a setting, and no line of a file."""
_SHORT = 400


def without_code(text: str) -> str:
    """Code in blocks, and long code within a line, is left out."""
    text = _FENCED.sub(LEFT_OUT, text.replace("\r\n", "\n"))
    text = _INDENTED.sub(f"{LEFT_OUT}\n", text)
    return _INLINE.sub(
        lambda found: found[0] if len(found[0]) <= _LONGEST_INLINE else LEFT_OUT, text
    ).strip()


def shortened(text: str) -> str:
    """A few lines of it, cut at a word."""
    flat = " ".join(text.split())
    if len(flat) <= _SHORT:
        return flat
    return flat[:_SHORT].rpartition(" ")[0] + "…"
