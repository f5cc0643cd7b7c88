"""A folder on this machine becomes a project; and the command that does it."""

import os
import subprocess
import sys
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from devora_admin.projects.archives.collect import collect
from devora_admin.projects.archives.entries import Collected
from devora_admin.projects.archives.folder import DiskFolder
from tests.projects import zips


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    root = tmp_path / "shop"
    (root / "app").mkdir(parents=True)
    (root / "app" / "page.tsx").write_text("export default 1;\n")
    (root / "README.md").write_text("# Shop\n")
    return root


def read(folder: Path) -> Collected:
    return collect(DiskFolder(folder))


def skipped(folder: Path) -> dict[str, str]:
    return {each.name: each.reason for each in read(folder).skipped}


def run(*arguments: object) -> str:
    out = StringIO()
    call_command("import_project", *map(str, arguments), stdout=out)
    return out.getvalue()


def test_the_files_of_a_folder_come_in_path_order(folder):
    assert [file.name for file in read(folder).files] == ["README.md", "app/page.tsx"]


def test_a_link_is_never_followed(folder, tmp_path):
    (tmp_path / "secret.txt").write_text("secret")
    (folder / "link.txt").symlink_to(tmp_path / "secret.txt")
    (folder / "up").symlink_to(tmp_path)
    (folder / "loop").symlink_to(folder)
    reason = "a link, which is never followed"
    assert skipped(folder) == {"link.txt": reason, "loop": reason, "up": reason}
    assert all("secret" not in file.content for file in read(folder).files)


def test_what_is_no_file_is_never_opened(folder):
    os.mkfifo(folder / "pipe")
    assert skipped(folder) == {"pipe": "not a file"}


def test_a_name_that_is_no_utf8_is_skipped(folder):
    Path(os.fsdecode(os.fsencode(folder) + b"/bad-\xff.txt")).write_text("x")
    assert skipped(folder) == {"bad-�.txt": "has a name with a control character"}


def test_folders_that_are_always_left_out_are_not_even_read(folder):
    for number in range(300):
        inside = folder / "node_modules" / f"p{number}"
        inside.mkdir(parents=True)
        (inside / "index.js").touch()
    (folder / ".git").mkdir()
    reason = "a folder that is always left out"
    assert skipped(folder) == {".git/": reason, "node_modules/": reason}


def test_a_folder_and_its_zip_make_the_same_project(folder):
    (folder / ".gitignore").write_text("*.log\n")
    (folder / "a.log").write_text("x")
    (folder / "logo.png").write_bytes(b"\x89PNG\0")
    from io import BytesIO

    from devora_admin.projects.archives.zip_reader import open_zip

    files = {
        p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*.*") if p.is_file()
    }
    with open_zip(BytesIO(zips.zip_of(files))) as root:
        assert collect(root) == read(folder)


def test_the_command_prints_the_id_the_address_and_what_was_skipped(folder, mongo, make_customer):
    (folder / "logo.png").write_bytes(b"\x89PNG\0")
    out = run(folder, "--user", make_customer()["id"])
    project = mongo.projects.find_one({})
    assert out.splitlines() == [
        f"Imported 2 files as project {project['id']}",
        f"/projects/{project['id']}/",
        "Skipped 1:",
        "  logo.png: not UTF-8 text",
    ]
    assert project["name"] == "shop"
    assert project["project_type"] == "app"


def test_the_command_takes_a_name_a_type_and_a_zip(tmp_path, mongo, make_customer):
    archive = tmp_path / "shop.zip"
    archive.write_bytes(zips.zip_of({"a.txt": "a"}))
    run(archive, "--user", make_customer()["id"], "--name", "My shop", "--type", "shop")
    project = mongo.projects.find_one({})
    assert (project["name"], project["project_type"]) == ("My shop", "shop")
    assert mongo.audit_log.count_documents({"action": "project.import"}) == 1


@pytest.mark.parametrize(
    ("path", "user", "message"),
    [
        ("missing", "real", "is neither a folder nor a zip file."),
        ("empty", "real", "There is no text file in it that can be imported."),
        ("text.zip", "real", "The file is damaged, or is no zip."),
        ("shop", "nobody", "There is no customer with this id."),
    ],
)
def test_the_command_refuses_in_one_sentence(folder, mongo, make_customer, path, user, message):
    (folder.parent / "empty").mkdir()
    (folder.parent / "text.zip").write_text("text")
    user_id = make_customer()["id"] if user == "real" else user
    with pytest.raises(CommandError) as refused:
        run(folder.parent / path, "--user", user_id)
    assert str(refused.value).endswith(message)
    assert "\n" not in str(refused.value)
    assert mongo.projects.count_documents({}) == 0


def test_a_refusal_is_a_non_zero_exit(tmp_path):
    command = [
        sys.executable,
        "-m",
        "django",
        "import_project",
        tmp_path / "missing",
        "--user",
        "x",
    ]
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "devora_admin.config.settings"}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    assert done.returncode != 0
    assert done.stderr.count("\n") == 1
