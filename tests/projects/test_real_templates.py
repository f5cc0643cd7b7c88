"""Real app templates become projects, to the byte."""

import io
from pathlib import Path
from typing import Any

import pytest

from devora_admin.projects.archives.collect import collect
from devora_admin.projects.archives.folder import DiskFolder
from devora_admin.projects.services import imports
from tests.projects import npm_templates
from tests.projects.npm_templates import CREATE_NEXT_APP, CREATE_VITE

pytestmark = pytest.mark.xdist_group("npm")

TEMPLATES = [
    pytest.param(CREATE_NEXT_APP, "dist/templates/app-tw/ts", "app/page.tsx", id="next-app-router"),
    pytest.param(
        CREATE_NEXT_APP, "dist/templates/default-tw/js", "pages/index.js", id="next-pages"
    ),
    pytest.param(CREATE_VITE, "template-react-ts", "src/App.tsx", id="vite-react"),
    pytest.param(CREATE_VITE, "template-vue-ts", "src/App.vue", id="vite-vue"),
    pytest.param(CREATE_VITE, "template-svelte-ts", "src/App.svelte", id="vite-svelte"),
]
LANGUAGES = {
    "tsx": "typescript", "ts": "typescript", "mts": "typescript", "js": "javascript",
    "mjs": "javascript", "css": "css", "json": "json", "md": "markdown", "svg": "xml",
    "html": "html", "vue": "html", "svelte": "html",
}  # fmt: skip


# Shipped with the templates although their own .gitignore names it.
IGNORED = {"next-env.d.ts"}


def taken(files: dict[str, bytes]) -> dict[str, bytes]:
    """What must be imported, told without the code that does it."""

    def is_text(content: bytes) -> bool:
        try:
            return "\0" not in content.decode()
        except UnicodeDecodeError:
            return False

    ignored = IGNORED if ".gitignore" in files else set()
    return {
        name: content for name, content in files.items() if is_text(content) and name not in ignored
    }


def stored(mongo: Any, project_id: str) -> dict[str, bytes]:
    project = mongo.projects.find_one({"id": project_id})
    return {file["name"]: file["content"].encode() for file in project["files"]}


@pytest.mark.parametrize(("package", "template", "main_file"), TEMPLATES)
def test_a_template_is_imported_byte_for_byte_and_survives_an_export(
    package, template, main_file, tmp_path: Path, mongo, actor, admin, make_customer
):
    customer = make_customer()
    source = npm_templates.package(package) / template
    files = npm_templates.app(source, tmp_path / "app")
    texts = taken(files)
    assert main_file in texts
    assert len(texts) >= 8

    project_id = imports.import_path(
        tmp_path / "app", user_id=customer["id"], name="Template", project_type="app", actor=actor
    )
    project = mongo.projects.find_one({"id": project_id})
    report = mongo.import_reports.find_one({"_id": project_id})
    assert stored(mongo, project_id) == texts
    assert {each["name"] for each in report["skipped"]} == files.keys() - texts.keys()
    for file in project["files"]:
        suffix = file["name"].rpartition(".")[2]
        if suffix in LANGUAGES:
            assert file["language"] == LANGUAGES[suffix], file["name"]

    assert admin.get(f"/projects/{project_id}/").status_code == 200
    assert admin.get(f"/projects/{project_id}/edit/").status_code == 200

    exported = b"".join(admin.get(f"/projects/{project_id}/export/"))
    again_id = imports.import_zip(
        io.BytesIO(exported),
        user_id=customer["id"], name="Again", project_type="app", source="x.zip", actor=actor,
    )  # fmt: skip
    assert mongo.projects.find_one({"id": again_id})["files"] == project["files"]


@pytest.mark.parametrize(
    ("package", "pattern", "at_least"),
    [(CREATE_NEXT_APP, "dist/templates/*/*s", 18), (CREATE_VITE, "template-*", 16)],
)
def test_every_template_of_the_package_can_be_read(package, pattern, at_least, tmp_path: Path):
    templates = sorted(npm_templates.package(package).glob(pattern))
    assert len(templates) >= at_least
    for number, template in enumerate(templates):
        folder = tmp_path / str(number)
        texts = taken(npm_templates.app(template, folder))
        found = {file.name: file.content.encode() for file in collect(DiskFolder(folder)).files}
        assert found == texts, template
