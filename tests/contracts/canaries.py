"""Marked secrets, and a search for any piece of them in whatever the dashboard gives away.

A piece is six characters or more, plain, percent-encoded, in base64, in hexadecimal, or inside a
zip. The last four characters alone are no piece: they may be shown.
"""

import io
import re
import zipfile
from binascii import a2b_base64, unhexlify
from collections.abc import Iterable, Iterator
from html import unescape
from urllib.parse import unquote

PIECE = 6
_BASE64 = re.compile(r"[A-Za-z0-9+/]{8,}")
_HEX = re.compile(r"[0-9A-Fa-f]{12,}")
_ALPHABET = "BCDFGHJKLMNPQRSTVWXZbcdfghjkmnpqrstvwxz23456789"
# Fresh for every answer, and random: not to be taken for a piece by chance.
_TOKENS = re.compile(
    r'name="csrfmiddlewaretoken" value="[^"]*"|"X-CSRFToken": "[^"]*"|csrftoken=[A-Za-z0-9]+'
)


def mark(name: str, length: int = 32) -> str:
    """Random in look, the same in every run, and of no letters that words are made of."""
    found, seed = "", sum(ord(letter) * 31**at for at, letter in enumerate(name))
    while len(found) < length:
        seed = (seed * 6364136223846793005 + 1442695040888963407) % 2**64
        found += _ALPHABET[(seed >> 33) % len(_ALPHABET)]
    return found


class Canaries:
    def __init__(self) -> None:
        self._pieces: dict[int, dict[str, str]] = {}
        self._runs: dict[int, re.Pattern[str]] = {}
        """By length: what is made of letters that pieces are made of, and long enough for one."""

    def plant(self, name: str, secret: str, *, known: str = "", piece: int = PIECE) -> str:
        """Marks a secret. known: how it begins, where that is no secret, such as "sk-".

        piece: characters that make one; more for digits, which any id may share a few of.
        """
        held = self._pieces.setdefault(piece, {})
        held.update(dict.fromkeys(_pieces(secret.removeprefix(known), piece), name))
        letters = "".join(sorted(set("".join(held))))
        if letters:
            self._runs[piece] = re.compile(f"[{re.escape(letters)}]{{{piece},}}")
        return secret

    def new(self, name: str, *, known: str = "", length: int = 32) -> str:
        return self.plant(name, known + mark(name, length), known=known)

    def found_in(self, data: bytes | str) -> set[str]:
        """Names of the secrets of which there is a piece in it."""
        if isinstance(data, bytes) and data.startswith(b"PK\3\4"):
            return self._in_zip(data)
        text = data if isinstance(data, str) else data.decode("utf-8", "replace")
        text = _TOKENS.sub("", text)
        readings = [text, *_decoded(text)]
        if "%" in text:
            readings.append(unquote(text))
        if "&#" in text or "\\u" in text:
            readings.append(unescape(text))
        return {name for reading in readings for name in self._plainly_in(reading)}

    def _plainly_in(self, text: str) -> Iterator[str]:
        for length, runs in self._runs.items():
            held = self._pieces[length]
            for run in set(runs.findall(text)):
                yield from (held[piece] for piece in _pieces(run, length) if piece in held)

    def _in_zip(self, data: bytes) -> set[str]:
        with zipfile.ZipFile(io.BytesIO(data)) as file:
            return {
                name
                for entry in file.namelist()
                for name in self.found_in(entry) | self.found_in(file.read(entry))
            }


def _pieces(text: str, length: int) -> Iterable[str]:
    return (text[at : at + length] for at in range(len(text) - length + 1))


def _decoded(text: str) -> Iterator[str]:
    """What runs of base64 and of hexadecimal digits stand for, from whichever digit they begin."""
    runs = [
        a2b_base64(_cut(run[start:], 4)).decode("latin-1")
        for run in _BASE64.findall(text.replace("-", "+").replace("_", "/"))
        for start in range(4)
    ]
    runs += [
        unhexlify(_cut(run[start:], 2)).decode("latin-1")
        for run in _HEX.findall(text)
        for start in range(2)
    ]
    yield "\n".join(runs)


def _cut(run: str, multiple: int) -> str:
    return run[: len(run) // multiple * multiple]
