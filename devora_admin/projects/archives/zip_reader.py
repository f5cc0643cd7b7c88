"""A zip from outside as the source of an import.

Everything that makes a zip dangerous is in its directory or shows while unpacking, so: the
directory's size is bounded before it is read, each entry of it is checked before any is unpacked,
and unpacking stops at a limit whatever size was claimed.
"""

import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import IO

from devora_admin.core.errors import InvalidInput
from devora_admin.projects.archives.entries import MAX_ENTRIES, MB, Listing
from devora_admin.projects.archives.ignore import LEFT_OUT_FILES, LEFT_OUT_FOLDERS
from devora_admin.projects.archives.names import UnsafeName, clean_path, shown

MAX_DIRECTORY_BYTES = 4 * MB
MAX_CLAIMED_BYTES = 1024 * MB
MAX_RATIO = 100
_RATIO_MATTERS_BYTES = 32 * MB
_ENTRY_MARK = b"PK\x01\x02"
_LOCAL_HEADER_BYTES = 30
_ENCRYPTED = 0x1 | 0x40 | 0x2000
_IS_UTF8 = 0x800
_READABLE = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
# What zipfile lets through of a file made to break it.
_FAULTS = (
    zipfile.BadZipFile, zlib.error, struct.error, NotImplementedError, RuntimeError, EOFError,
    ValueError, OverflowError, OSError,
)  # fmt: skip


def refuse(message: str) -> InvalidInput:
    return InvalidInput(message, field="archive")


@dataclass(frozen=True, slots=True)
class ZipEntry:
    archive: zipfile.ZipFile
    info: zipfile.ZipInfo
    name: str
    size_bytes: int

    def read(self, limit: int) -> bytes:
        try:
            with self.archive.open(self.info) as stream:
                return stream.read(limit)
        except _FAULTS as error:
            raise refuse(f"The zip is damaged at “{shown(self.name)}”.") from error


class ZipFolder:
    def __init__(self) -> None:
        self.files: list[ZipEntry] = []
        self.folders: dict[str, ZipFolder] = {}

    def listing(self) -> Listing:
        return Listing(files=list(self.files), folders=dict(self.folders))


class _Bounded:
    """A file that will not be read in large pieces: zipfile reads the whole directory in one."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.seek, self.tell, self.seekable = file.seek, file.tell, file.seekable

    def read(self, size: int = -1) -> bytes:
        if size > MAX_DIRECTORY_BYTES:
            raise refuse(f"The zip holds more than {MAX_ENTRIES:,} entries.")
        data = self._file.read(MAX_DIRECTORY_BYTES if size < 0 else size)
        # Counted before zipfile makes an object of each.
        if data.startswith(_ENTRY_MARK) and data.count(_ENTRY_MARK) > MAX_ENTRIES:
            raise refuse(f"The zip holds more than {MAX_ENTRIES:,} entries.")
        return data


@contextmanager
def open_zip(file: IO[bytes]) -> Iterator[ZipFolder]:
    """The zip's tree, a single top folder stripped. Raises InvalidInput, before unpacking any."""
    try:
        archive = zipfile.ZipFile(_Bounded(file))
    except _FAULTS as error:
        raise refuse("The file is damaged, or is no zip.") from error
    with archive:
        _check_sizes(archive, file)
        yield _tree(archive)


def _check_sizes(archive: zipfile.ZipFile, file: IO[bytes]) -> None:
    infos = archive.infolist()
    claimed, packed = sum(info.file_size for info in infos), file.seek(0, 2)
    if claimed > MAX_CLAIMED_BYTES:
        raise refuse(f"The zip unpacks to more than {MAX_CLAIMED_BYTES // MB:,} MB.")
    if claimed > _RATIO_MATTERS_BYTES and claimed > MAX_RATIO * packed:
        raise refuse(f"The zip unpacks to more than {MAX_RATIO} times its size.")
    end = 0
    for info in sorted(infos, key=lambda info: info.header_offset):
        if info.header_offset < end:
            raise refuse("The zip has entries that lie over each other.")
        end = info.header_offset + _LOCAL_HEADER_BYTES + len(info.orig_filename)
        end += info.compress_size
    if end > archive.start_dir:
        raise refuse("The zip has entries that lie over its directory.")


def _tree(archive: zipfile.ZipFile) -> ZipFolder:
    names = [(_name(info), info) for info in archive.infolist()]
    top = _single_top([name for name, _ in names])
    files: dict[str, ZipEntry] = {}
    folders = {"": ZipFolder()}
    for whole_name, info in names:
        _check_kind(info, whole_name)
        name = whole_name.removeprefix(top)
        if name in files:
            raise refuse(f"The zip has “{shown(name)}” twice.")
        parent, _, own_name = name.rpartition("/")
        folder = _folder(folders, parent)
        if own_name:
            files[name] = ZipEntry(archive, info, name, info.file_size)
            folder.files.append(files[name])
    for name in files.keys() & folders.keys():
        raise refuse(f"The zip has “{shown(name)}” as a file and as a folder.")
    return folders[""]


def _name(info: zipfile.ZipInfo) -> str:
    """The clean path; a folder's ends with a slash."""
    raw = info.orig_filename
    if not info.flag_bits & _IS_UTF8:
        # Without the flag names are code page 437 by the book, and UTF-8 from a Mac.
        with suppress(UnicodeError):
            raw = raw.encode("cp437").decode("utf-8")
    try:
        name = clean_path(raw)
    except UnsafeName as error:
        raise refuse(f"The zip {error}: “{shown(raw)}”.") from error
    return f"{name}/" if name and raw.endswith("/") else name


def _check_kind(info: zipfile.ZipInfo, name: str) -> None:
    kind = stat.S_IFMT(info.external_attr >> 16)
    if info.flag_bits & _ENCRYPTED:
        raise refuse("The zip is locked with a password.")
    if kind == stat.S_IFLNK:
        raise refuse(f"The zip holds a link: “{shown(name)}”.")
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise refuse(f"The zip holds something that is no file: “{shown(name)}”.")
    if info.compress_type not in _READABLE:
        raise refuse(f"The zip is packed in an uncommon way: “{shown(name)}”. Pack it anew.")


def _single_top(names: list[str]) -> str:
    """The one folder everything lies in, with its slash, or ""."""
    own = [name for name in names if name and not _is_junk(name)]
    tops = {name.partition("/")[0] for name in own}
    if len(tops) != 1 or not all("/" in name for name in own) or tops & LEFT_OUT_FOLDERS:
        return ""
    return f"{tops.pop()}/"


def _is_junk(name: str) -> bool:
    return name.startswith("__MACOSX/") or name in LEFT_OUT_FILES


def _folder(folders: dict[str, ZipFolder], path: str) -> ZipFolder:
    if path not in folders:
        parent, _, own_name = path.rpartition("/")
        folders[path] = ZipFolder()
        _folder(folders, parent).folders[own_name] = folders[path]
    return folders[path]
