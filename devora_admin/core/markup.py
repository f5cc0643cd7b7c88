"""Text that customers and models wrote, as HTML that cannot harm: markdown and coloured code."""

import re
import time
from collections.abc import Iterator
from functools import cache, lru_cache
from typing import Any

import nh3
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from pygments import format as format_tokens
from pygments.formatters import HtmlFormatter
from pygments.lexer import Lexer
from pygments.lexers import get_lexer_by_name
from pygments.token import Text
from pygments.util import ClassNotFound

HIGHLIGHTED_CHARS = 60_000
"""Longer code is shown plain: colouring it would take longer than a person waits."""
COLOURING_S = 0.2
FORMATTED_CHARS = 200_000
"""Of markdown; a megabyte of it takes ten seconds."""

_TAGS = {
    "p", "br", "hr", "em", "strong", "del", "s", "code", "pre", "blockquote", "ul", "ol", "li",
    "h3", "h4", "h5", "h6", "table", "thead", "tbody", "tr", "th", "td", "a", "span", "div",
}  # fmt: skip
_ATTRIBUTES = {"a": {"href", "title"}, "ol": {"start"}, "span": {"class"}, "div": {"class"},
               "code": {"class"}}  # fmt: skip
_CLASS = re.compile(r"[a-z0-9 -]{1,60}")
_ALIASES = {
    "plaintext": "text", "mdx": "markdown", "env": "ini",
    # Markup within is far more common here than the casts it would be mistaken for.
    "typescript": "tsx", "typescriptreact": "tsx", "ts": "tsx",
    "javascript": "jsx", "javascriptreact": "jsx", "js": "jsx",
}  # fmt: skip
_FENCED_CHARS = 20_000


def markdown(text: str) -> SafeString:
    """Markdown without raw HTML, foreign images or scripts; links open apart and tell nothing."""
    if len(text) > FORMATTED_CHARS:
        return format_html('<pre tabindex="0">{}</pre>', text)
    html = _parser().render(text)
    clean = nh3.clean(
        html,
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        attribute_filter=_only_our_classes,
        url_schemes={"http", "https", "mailto"},
        link_rel="noopener nofollow noreferrer",
        # A stretch of code that scrolls must be reachable by keyboard.
        set_tag_attribute_values={"a": {"target": "_blank"}, "pre": {"tabindex": "0"}},
    )
    return mark_safe(clean)  # noqa: S308 (nh3 let through only what is listed above)


def code(text: str, language: str) -> SafeString:
    """Code in spans whose classes static/src/css/code.css colours; plain when it is long."""
    if len(text) > HIGHLIGHTED_CHARS:
        return SafeString(escape(text))
    # As a lexer does first, so that what is left of the text can be told from what it has read.
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    html: str = format_tokens(_hasty(_lexer(language), text), HtmlFormatter(nowrap=True))
    return mark_safe(html)  # noqa: S308 (Pygments escapes)


def code_lines(text: str, language: str) -> list[SafeString]:
    """The same line by line: a line ends at \\n and nowhere else, as Git counts them."""
    # A lexer would take a lone \r for the end of a line.
    text = text.replace("\r\n", "\n").replace("\r", "␍").removesuffix("\n")
    # Pygments ends every span at the end of its line.
    lines = str(code(text, language)).removesuffix("\n").split("\n")
    if len(lines) != text.count("\n") + 1:  # a lexer took a character away
        lines = [str(escape(line)) for line in text.split("\n")]
    return [mark_safe(line) for line in lines]  # noqa: S308 (of `code`, or escaped)


def _hasty(lexer: Lexer, text: str) -> Iterator[tuple[Any, str]]:
    """The tokens found in time, then the rest as one: some texts take a lexer minutes."""
    until, read = time.monotonic() + COLOURING_S, 0
    for kind, value in lexer.get_tokens(text):
        yield kind, value
        read += len(value)
        if time.monotonic() > until:
            yield Text, text[read:]
            return


def _only_our_classes(tag: str, attribute: str, value: str) -> str | None:
    if attribute == "class":
        return value if _CLASS.fullmatch(value) else None
    return value


@lru_cache(maxsize=200)
def _lexer(language: str) -> Lexer:
    name = language.strip().lower()[:40]
    try:
        # Only the pretty-printed text is wanted, with its blank lines and its last line end.
        return get_lexer_by_name(_ALIASES.get(name, name), stripnl=False, ensurenl=False)
    except ClassNotFound:
        return get_lexer_by_name("text", stripnl=False, ensurenl=False)


@cache
def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False, "linkify": False, "breaks": True})
    parser.enable(["table", "strikethrough"])
    parser.add_render_rule("fence", _fence)
    parser.add_render_rule("code_block", _fence)
    parser.add_render_rule("image", _image)
    parser.add_render_rule("heading_open", _heading)
    parser.add_render_rule("heading_close", _heading)
    return parser


def _fence(self: RendererHTML, tokens: list[Token], index: int, options: Any, env: Any) -> str:
    token = tokens[index]
    language = (token.info.split() or [""])[0]
    text = token.content
    body = code(text, language) if len(text) <= _FENCED_CHARS else escape(text)
    label = f'<div class="code-language">{escape(language[:40])}</div>' if language else ""
    return f'<div class="code-block">{label}<pre><code class="highlight">{body}</code></pre></div>'


def _image(self: RendererHTML, tokens: list[Token], index: int, options: Any, env: Any) -> str:
    """An image of another site would tell that site who reads; a link does not."""
    token = tokens[index]
    label = token.content or "image"
    return f'<a href="{escape(str(token.attrs.get("src", "")))}">{escape(label)}</a>'


def _heading(self: RendererHTML, tokens: list[Token], index: int, options: Any, env: Any) -> str:
    """A message's headings stand below those of the page."""
    token = tokens[index]
    level = min(6, int(token.tag[1]) + 2)
    return f"<{'/' if token.nesting < 0 else ''}h{level}>"
