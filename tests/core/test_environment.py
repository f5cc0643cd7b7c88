"""The signing key of a development machine."""

from pathlib import Path

from devora_admin.config import env


def test_the_key_is_made_once_and_only_its_owner_reads_it(tmp_path: Path):
    made = env.read({"DEVORA_DATA_DIR": str(tmp_path / "var")}).secret_key
    again = env.read({"DEVORA_DATA_DIR": str(tmp_path / "var")}).secret_key
    assert made == again
    assert len(made) > 50
    made_files = sorted((tmp_path / "var").iterdir())
    assert [path.name for path in made_files] == ["secret_key", "secrets_keys"]
    assert {path.stat().st_mode & 0o777 for path in made_files} == {0o600}


def test_a_key_file_left_empty_is_made_anew(tmp_path: Path):
    (tmp_path / "secret_key").touch(mode=0o600)
    assert len(env.read({"DEVORA_DATA_DIR": str(tmp_path)}).secret_key) > 50
