"""The README promises what is there."""

import re
from dataclasses import fields

from django.conf import settings
from django.core.management import get_commands

from devora_admin.config import env

ROOT = env.BASE_DIR
README = (ROOT / "README.md").read_text()
OWN_COMMANDS = {name for name, app in get_commands().items() if app.startswith("devora_admin")}


def test_it_opens_with_a_picture_and_the_two_commands():
    run = "python3 -m venv .venv && .venv/bin/pip install -e . && .venv/bin/python manage.py serve --demo"  # noqa: E501
    test = (
        'python3 -m venv .venv && .venv/bin/pip install -e ".[test]" && .venv/bin/python -m pytest'
    )
    blocks = re.findall(r"^    (.+)$", README, re.MULTILINE)
    assert blocks[:2] == [run, test]
    assert README.index("![") < README.index(run) < README.index(test) < README.index("## ")


def test_every_command_it_names_exists():
    named = set(re.findall(r"manage\.py ([a-z_]+)", README))
    assert named
    assert named <= OWN_COMMANDS


def test_every_command_of_ours_is_named():
    assert set(re.findall(r"`manage\.py ([a-z_]+)", README)) == OWN_COMMANDS


def test_the_environment_it_tells_of_is_the_one_that_is_read():
    table = README[README.index("## Configuration") : README.index("## Production")]
    named = re.findall(r"^\| `([A-Z_]+)`", table, re.MULTILINE)
    source = (ROOT / "devora_admin" / "config" / "env.py").read_text()
    read = re.findall(r'(?:values\.get\(|_(?:flag|words)\(values, )"([A-Z_]+)"', source)
    read += re.findall(r'for name in \("(SECRET_KEY)", "(SECRETS_KEYS)"\)', source)[0]
    assert set(named) == set(read)
    known = {field.name.upper() for field in fields(env.Environment)} | {"DEVORA_DATA_DIR"}
    assert set(named) <= known


def test_every_file_it_points_to_is_there():
    links = re.findall(r"\]\(([^)#]+)\)", README)
    assert links
    for link in links:
        assert (ROOT / link).is_file(), link
    for name in ("Dockerfile", "compose.yaml", ".ci/run"):
        assert name in README
        assert (ROOT / name).is_file()


def test_its_pictures_are_small():
    pictures = list((ROOT / ".readme").glob("*.png"))
    assert pictures
    assert max(picture.stat().st_size for picture in pictures) < 300 * 1024


def test_the_layout_it_shows_is_the_tree():
    layout = README[README.index("## Layout") :]
    shown = set(re.findall(r"^      ([a-z]+)/", layout, re.MULTILINE))
    apps = {app.split(".")[1] for app in settings.INSTALLED_APPS if app.startswith("devora_admin.")}
    assert apps - {"config"} <= shown
    for name in shown:
        assert (ROOT / "devora_admin" / name).is_dir()
