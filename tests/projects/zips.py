"""Zips a test needs: plain ones, and those made to do harm."""

import io
import struct
import warnings
import zipfile
from collections.abc import Mapping

LINK_MODE = 0o120777 << 16


def zip_of(files: Mapping[str, str | bytes], *, stored: bool = False) -> bytes:
    buffer = io.BytesIO()
    kind = zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED
    with zipfile.ZipFile(buffer, "w", kind) as archive:
        for name, content in files.items():
            archive.writestr(raw_info(name, kind), content)
    return buffer.getvalue()


def raw_info(name: str, kind: int = zipfile.ZIP_DEFLATED, mode: int = 0) -> zipfile.ZipInfo:
    """ZipInfo cleans names as it is made; an attacker's tool does not."""
    info = zipfile.ZipInfo("x")
    info.filename = info.orig_filename = name
    info.compress_type = kind
    info.external_attr = mode
    return info


def with_link(target: str = "/etc/passwd") -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("a.txt", "a")
        archive.writestr(raw_info("link", mode=LINK_MODE), target)
    return buffer.getvalue()


def with_two(name: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(raw_info(name), "one")
        with warnings.catch_warnings(action="ignore"):
            archive.writestr(raw_info(name), "two")
    return buffer.getvalue()


def packed_as(kind: int) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", kind) as archive:
        archive.writestr("a.txt", "a" * 10_000)
    return buffer.getvalue()


def locked() -> bytes:
    """With the bit that says "encrypted" set in both headers."""
    data = bytearray(zip_of({"a.txt": "secret"}))
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(mark) + offset] |= 1
    return bytes(data)


def with_bad_sum() -> bytes:
    data = bytearray(zip_of({"a.txt": "hello, hello"}, stored=True))
    data[data.index(b"hello")] = ord("j")
    return bytes(data)


def of_empty_entries(count: int, *, claimed: int | None = None) -> bytes:
    """Written by hand, as zipfile is slow and honest. claimed: the number the end names."""
    local, directory = bytearray(), bytearray()
    for number in range(count):
        name = b"f%d" % number
        offset = len(local)
        local += struct.pack("<4s5H3I2H", b"PK\3\4", 20, 0, 0, 0, 0, 0, 0, 0, len(name), 0) + name
        directory += struct.pack(
            "<4s6H3I5H2I", b"PK\1\2", 20, 20, 0, 0, 0, 0, 0, 0, 0, len(name), 0, 0, 0, 0, 0, offset
        ) + name  # fmt: skip
    shown = min(count, 0xFFFF) if claimed is None else claimed
    end = struct.pack(
        "<4s4H2IH", b"PK\5\6", 0, 0, shown, shown, len(directory), len(local), 0
    )  # fmt: skip
    return bytes(local + directory + end)


def bomb(size_bytes: int) -> bytes:
    """Zeros: packed about a thousand times smaller."""
    buffer = io.BytesIO()
    with (
        zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("zeros.txt", "w") as entry,
    ):
        for _ in range(size_bytes // 1_000_000):
            entry.write(bytes(1_000_000))
    return buffer.getvalue()


def lying_bomb(size_bytes: int) -> bytes:
    """A bomb whose headers claim ten bytes."""
    data = bytearray(bomb(size_bytes))
    local, directory = data.index(b"PK\x03\x04"), data.index(b"PK\x01\x02")
    data[local + 22 : local + 26] = struct.pack("<I", 10)
    data[directory + 24 : directory + 28] = struct.pack("<I", 10)
    return bytes(data)


def overlapping(count: int, size_bytes: int) -> bytes:
    """One packed piece that `count` entries of the directory point to."""
    data = bomb(size_bytes)
    directory_at = data.index(b"PK\x01\x02")
    end_at = data.index(b"PK\x05\x06")
    entry = data[directory_at:end_at]
    entries = b"".join(entry.replace(b"zeros.txt", b"%05d.txt" % number) for number in range(count))
    end = bytearray(data[end_at:])
    end[8:12] = struct.pack("<HH", count, count)
    end[12:16] = struct.pack("<I", len(entries))
    return data[:directory_at] + entries + bytes(end)


def nested(depth: int) -> bytes:
    data = bomb(5_000_000)
    for _ in range(depth):
        data = zip_of({"inner.zip": data})
    return data
