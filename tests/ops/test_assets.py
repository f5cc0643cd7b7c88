"""Real npm, esbuild and collectstatic; the session has built the assets before."""

import io
import re
import shutil
import socket
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.management import call_command

from devora_admin.config.env import BASE_DIR
from devora_admin.ops import assets


@pytest.fixture
def closed_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
    return port


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    """A copy of what the build reads, without packages."""
    for name in ("package.json", "package-lock.json", ".npmrc", "build.mjs"):
        shutil.copy(assets.STATIC_DIR / name, tmp_path / name)
    shutil.copytree(assets.STATIC_DIR / "src", tmp_path / "src")
    return tmp_path


def test_built_assets_are_not_built_again() -> None:
    out = io.StringIO()

    call_command("assets", stdout=out)

    assert "up to date" in out.getvalue()


@pytest.mark.parametrize("changed", ["src/js/app.js", "package-lock.json", "build.mjs"])
def test_a_changed_source_makes_the_build_stale(sources: Path, changed: str) -> None:
    before = assets.digest(sources, ["list"])

    (sources / changed).write_text((sources / changed).read_text() + "\n")

    assert assets.digest(sources, ["list"]) != before


def test_a_new_icon_makes_the_build_stale(sources: Path) -> None:
    assert assets.digest(sources, ["list"]) != assets.digest(sources, ["list", "sun"])


def test_icons_are_found_in_templates_python_and_scripts(tmp_path: Path) -> None:
    named = {
        "templates/a.html": '{% icon "sun" %} {% include "x.html" with icon="moon" only %}',
        "devora_admin/shell/menu.py": 'Place("Projects", icon="boxes")',
        "static/src/js/menu.js": 'icon("list"); icon(name);',
    }
    for path, text in named.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)

    assert assets.icon_names(tmp_path) == ["boxes", "list", "moon", "sun"]


def test_every_named_icon_is_in_the_sprite() -> None:
    sprite = (assets.BUILD_DIR / "icons.svg").read_text()

    missing = [name for name in assets.icon_names(BASE_DIR) if f'id="{name}"' not in sprite]

    assert not missing


def test_an_icon_that_does_not_exist_is_named(tmp_path: Path) -> None:
    with pytest.raises(assets.AssetsError, match='no icon "no-such-icon"'):
        assets.build(assets.STATIC_DIR, tmp_path, ["no-such-icon"])


def test_an_unreachable_registry_is_one_clear_sentence(
    sources: Path, closed_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("npm_config_registry", f"http://127.0.0.1:{closed_port}/")
    monkeypatch.setenv("npm_config_cache", str(sources / "cache"))

    with pytest.raises(assets.AssetsError, match=r"^The npm registry cannot be reached"):
        assets.install_packages(sources, lambda line: None)


def test_a_certificate_nobody_trusts_is_told_apart_from_no_network() -> None:
    said = assets._npm_sentence(
        "npm error code SELF_SIGNED_CERT_IN_CHAIN\nnpm error request failed"
    )
    assert "NODE_EXTRA_CA_CERTS" in said


def test_a_lockfile_that_does_not_fit_is_told_in_npms_words(sources: Path) -> None:
    package = sources / "package.json"
    package.write_text(package.read_text().replace('"0.57.0"', '"0.56.0"'))

    with pytest.raises(assets.AssetsError, match=r"^npm could not install the packages: .+"):
        assets.install_packages(sources, lambda line: None)


def test_the_lockfile_names_no_registry() -> None:
    assert '"resolved"' not in (assets.STATIC_DIR / "package-lock.json").read_text()


@pytest.mark.parametrize("name", ["app.css", "app.js", "theme.js", "icons.svg", "editor.worker.js"])
def test_files_are_served_under_hashed_names(name: str) -> None:
    hashed = staticfiles_storage.url(name)

    assert re.search(r"\.[0-9a-f]{12}\.(css|js|svg)$", hashed)
    assert (Path(settings.STATIC_ROOT) / Path(hashed).name).is_file()


def test_nothing_built_asks_for_a_source_map() -> None:
    built = [path for path in assets.BUILD_DIR.glob("*.*") if path.suffix in (".js", ".css")]

    assert built
    asks = re.compile(r"^(//|/\*)# sourceMappingURL", re.M)
    assert not [path.name for path in built if asks.search(path.read_text())]
