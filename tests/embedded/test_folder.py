"""The data folder: made private, or left as it was found."""

import os
import stat
from pathlib import Path

import pytest

from devora_admin.embedded.errors import EmbeddedStoreError
from devora_admin.embedded.folder import private_folder, writable_folder


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_folder_that_was_there_keeps_its_modes(tmp_path: Path):
    tmp_path.chmod(0o1777)
    assert mode(writable_folder(tmp_path)) == 0o1777


def test_a_folder_we_make_is_private(tmp_path: Path):
    assert mode(writable_folder(tmp_path / "a" / "b")) == 0o700


def test_a_store_is_kept_in_a_folder_no_one_else_reads(tmp_path: Path):
    (tmp_path / "store").mkdir(mode=0o755)
    assert mode(private_folder(tmp_path / "store")) == 0o700


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder away")
def test_somebody_elses_folder_is_refused(tmp_path: Path):
    os.chown(tmp_path, 12345, 12345)
    with pytest.raises(EmbeddedStoreError, match="belongs to another user"):
        private_folder(tmp_path)
