"""Every zip that must be refused, by what is wrong with it."""

import zipfile

from tests.projects import zips

HOSTILE = {
    "a bomb of one file": lambda: zips.bomb(200_000_000),
    "a bomb that claims ten bytes": lambda: zips.lying_bomb(50_000_000),
    "entries over each other": lambda: zips.overlapping(5_000, 900_000),
    "entries over each other, small": lambda: zips.overlapping(2, 1_000_000),
    "bombs within bombs": lambda: zips.nested(3),
    "100,000 entries": lambda: zips.of_empty_entries(100_000),
    "100,000 entries, counted as none": lambda: zips.of_empty_entries(100_000, claimed=0),
    "a parent folder": lambda: zips.zip_of({"../evil.txt": "x"}),
    "a parent folder deep inside": lambda: zips.zip_of({"a/b/../../../evil.txt": "x"}),
    "an absolute path": lambda: zips.zip_of({"/etc/passwd": "x"}),
    "a drive": lambda: zips.zip_of({"C:/windows/x.txt": "x"}),
    "a drive and backslashes": lambda: zips.zip_of({"C:\\windows\\x.txt": "x"}),
    "backslashes": lambda: zips.zip_of({"..\\..\\evil.txt": "x"}),
    "a share": lambda: zips.zip_of({"\\\\host\\share": "x"}),
    "a NUL in a name": lambda: zips.zip_of({"a.txt\0.png": "x"}),
    "a control character in a name": lambda: zips.zip_of({"a\x1b[31m.txt": "x"}),
    "a very long name": lambda: zips.zip_of({"a" * 300: "x"}),
    "a very deep path": lambda: zips.zip_of({"a/" * 400 + "b.txt": "x"}),
    "a link": zips.with_link,
    "a password": zips.locked,
    "a wrong sum": zips.with_bad_sum,
    "no end": lambda: zips.zip_of({"a.txt": "x" * 5_000}, stored=True)[:-40],
    "no beginning": lambda: zips.zip_of({"a.txt": "x" * 5_000}, stored=True)[4_000:],
    "the same name twice": lambda: zips.with_two("a.txt"),
    "the same name twice, spelt apart": lambda: zips.zip_of({"a.txt": "1", "./a.txt": "2"}),
    "a file and a folder of one name": lambda: zips.zip_of({"a": "1", "a/b": "2"}),
    "an uncommon packing": lambda: zips.packed_as(zipfile.ZIP_BZIP2),
    "another uncommon packing": lambda: zips.packed_as(zipfile.ZIP_LZMA),
    "no zip": lambda: b"hello there",
    "only its end mark": lambda: b"PK\5\6" + bytes(18),
    "no files": lambda: zips.zip_of({}),
    "only binaries": lambda: zips.zip_of({"a.png": b"\x89PNG\0\0", "b.bin": b"\xff\xfe\0"}),
}
