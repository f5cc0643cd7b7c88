"""The search for canaries finds a piece of one in whatever form, and nothing else."""

import base64
import io
import zipfile

import pytest

from tests.contracts.canaries import Canaries, mark

SECRET = mark("any")


@pytest.fixture
def canaries() -> Canaries:
    found = Canaries()
    found.plant("it", SECRET)
    return found


def zipped(text: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("a.json", text)
    return file.getvalue()


PIECE = SECRET[9:15]
LEAKS = {
    "whole": SECRET,
    "a piece": f"x{PIECE}y",
    "bytes": f"x{PIECE}y".encode(),
    "hexadecimal": PIECE.encode().hex(),
    "hexadecimal, off by one": "a" + PIECE.encode().hex().upper(),
    "percent": "".join(f"%{ord(letter):02x}" for letter in PIECE),
    "entities": "".join(f"&#{ord(letter)};" for letter in PIECE),
    "zip": zipped(f'{{"a": "{PIECE}"}}'),
    **{
        f"base64, {before} before": base64.b64encode(b"-" * before + SECRET.encode()).decode()
        for before in range(3)
    },
    "base64 for addresses": base64.urlsafe_b64encode(b"??>>" + SECRET.encode()).decode(),
    "in the middle of base64": "Zz" + base64.b64encode(SECRET.encode()).decode(),
}


@pytest.mark.parametrize("leak", LEAKS.values(), ids=LEAKS)
def test_a_piece_is_found(canaries, leak):
    assert canaries.found_in(leak) == {"it"}


@pytest.mark.parametrize(
    "text", ["", SECRET[-4:], SECRET[:5], mark("another"), "PK\3\4", "a" * 999]
)
def test_what_is_no_piece_is_not(canaries, text):
    assert not canaries.found_in(text)


def test_how_a_secret_is_known_to_begin_is_no_piece():
    canaries = Canaries()
    canaries.plant("it", f"sk-proj-{SECRET}", known="sk-proj-")
    assert not canaries.found_in("sk-proj-…")
    assert canaries.found_in(f"sk-proj-{SECRET}") == {"it"}
