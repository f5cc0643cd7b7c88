"""A zip becomes a project."""

import io
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from pymongo.errors import OperationFailure

from devora_admin.core.errors import InvalidInput
from devora_admin.projects.archives import entries
from devora_admin.projects.archives.collect import collect
from devora_admin.projects.archives.entries import Collected
from devora_admin.projects.archives.zip_reader import open_zip
from devora_admin.projects.services import imports
from tests.projects import zips


def collected(files: dict[str, str | bytes]) -> Collected:
    with open_zip(io.BytesIO(zips.zip_of(files))) as root:
        return collect(root)


def names(files: dict[str, str | bytes]) -> list[str]:
    return [file.name for file in collected(files).files]


def skipped(files: dict[str, str | bytes]) -> dict[str, str]:
    return {each.name: each.reason for each in collected(files).skipped}


def upload(client: Any, data: bytes, **fields: Any) -> Any:
    form = {
        "customer": "someone",
        "name": "Shop",
        "project_type": "shop",
        "archive": SimpleUploadedFile("shop.zip", data, "application/zip"),
        **fields,
    }
    return client.post("/projects/new/", form)


def test_an_uploaded_zip_becomes_a_project_of_the_customer(client_for, mongo, make_customer):
    customer = make_customer()
    data = zips.zip_of({"app/page.tsx": "export default 1;\r\n", "README.md": "# Hé\n"})
    response = upload(client_for("editor"), data, user_id=customer["id"])
    project = mongo.projects.find_one({})
    assert response.status_code == 302
    assert response["Location"] == f"/projects/{project['id']}/import-report/"
    assert (project["name"], project["project_type"]) == ("Shop", "shop")
    assert project["user_id"] == customer["id"]
    assert project["files"] == [
        {"name": "README.md", "content": "# Hé\n", "language": "markdown"},
        {"name": "app/page.tsx", "content": "export default 1;\r\n", "language": "typescript"},
    ]
    assert project["metadata"] == {}
    assert project["conversation_history"] == []
    assert project["created_at"] == project["updated_at"]


def test_an_import_leaves_one_audit_row(client_for, mongo, make_customer):
    customer = make_customer()
    upload(
        client_for("editor"), zips.zip_of({"a.txt": "a", "b.png": b"\0"}), user_id=customer["id"]
    )
    (row,) = mongo.audit_log.find({"action": "project.import"})
    assert row["actor"]["email"] == "editor@devora.example"
    assert row["subject"]["id"] == mongo.projects.find_one({})["id"]
    assert row["customer_id"] == customer["id"]
    assert row["after"] == {
        "name": "Shop", "project_type": "shop", "source": "shop.zip", "files": 1, "skipped": 1,
    }  # fmt: skip


def test_a_project_is_not_made_when_its_audit_row_cannot_be(mongo, actor, make_customer):
    customer = make_customer()
    mongo.command("collMod", "audit_log", validator={"never": 1}, validationLevel="strict")
    try:
        with pytest.raises(OperationFailure):
            imports.import_zip(
                io.BytesIO(zips.zip_of({"a.txt": "a"})),
                user_id=customer["id"], name="x", project_type="x", source="x.zip", actor=actor,
            )  # fmt: skip
    finally:
        mongo.command("collMod", "audit_log", validator={})
    assert mongo.projects.count_documents({}) == 0
    assert mongo.import_reports.count_documents({}) == 0


def test_the_report_lists_what_was_taken_and_what_was_not_and_why(client_for, make_customer):
    customer = make_customer()
    client = client_for("editor")
    data = zips.zip_of({"a.ts": "1", "logo.png": b"\x89\0", "node_modules/x/index.js": "x"})
    page = client.get(upload(client, data, user_id=customer["id"])["Location"])
    text = page.content.decode()
    assert page.status_code == 200
    assert "Taken: 1 file," in text
    assert "typescript" in text
    assert "logo.png" in text
    assert "not UTF-8 text" in text
    assert "node_modules/" in text
    assert "always left out" in text


def test_a_project_that_was_not_imported_has_no_report(client_for, make_project):
    project = make_project()
    response = client_for("viewer").get(f"/projects/{project['id']}/import-report/")
    assert response.status_code == 404


@pytest.mark.parametrize("typed", ["ada@example.com", "Ada@Example.com", "ada-1"])
def test_the_customer_may_be_typed_in_place_of_chosen(client_for, mongo, make_customer, typed):
    make_customer(id="ada-1", email="ada@example.com")
    upload(client_for("editor"), zips.zip_of({"a.txt": "a"}), customer=typed)
    assert mongo.projects.find_one({})["user_id"] == "ada-1"


def test_a_chosen_customer_is_still_there_when_another_field_is_wrong(client_for, make_customer):
    make_customer(id="ada-1", email="ada@example.com")
    response = upload(client_for("editor"), b"no zip", customer="ad", user_id="ada-1")
    assert 'value="ada@example.com"' in response.content.decode()


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("user_id", "nobody", "There is no customer with this id or e-mail address."),
        ("user_id", "nobody@example.com", "There is no customer with this id or e-mail address."),
        ("customer", "", "This field is required."),
        ("user_id", "a\0b", "There is no customer with this id or e-mail address."),
        ("customer", "a\0b", "Null characters are not allowed."),
        ("name", "", "This field is required."),
        ("name", "x" * 201, "at most 200 characters"),
        ("name", "a\x07b", "cannot be shown"),
        ("project_type", " ", "This field is required."),
        ("archive", SimpleUploadedFile("a.zip", b"text"), "damaged, or is no zip"),
        ("archive", SimpleUploadedFile("a.zip", b""), "The file is empty."),
        ("archive", "not a file", "This field is required."),
    ],
)
def test_a_wrong_field_is_named_and_the_rest_of_the_form_kept(
    client_for, mongo, make_customer, field, value, message
):
    fields = {"user_id": make_customer()["id"], "name": "Kept name", "project_type": "kept-type"}
    response = upload(client_for("editor"), zips.zip_of({"a": "a"}), **fields | {field: value})
    text = response.content.decode()
    assert response.status_code == 422
    assert message in text
    assert field == "name" or "Kept name" in text
    assert field == "project_type" or "kept-type" in text
    assert mongo.projects.count_documents({}) == 0


def test_a_suspended_customer_gets_no_project(client_for, mongo, make_customer):
    customer = make_customer(status="suspended")
    response = upload(client_for("editor"), zips.zip_of({"a": "a"}), user_id=customer["id"])
    assert response.status_code == 422
    assert "This customer is suspended." in response.content.decode()
    assert mongo.projects.count_documents({}) == 0


def test_an_operator_in_place_of_a_customer_finds_nobody(client_for, mongo, make_customer):
    make_customer()
    response = upload(client_for("editor"), zips.zip_of({"a": "a"}), **{"user_id[$ne]": "x"})
    assert response.status_code == 422
    assert mongo.projects.count_documents({}) == 0


def test_an_upload_of_more_than_64_mb_is_refused_unread(client_for):
    client = client_for("editor")
    response = client.generic("POST", "/projects/new/", b"", CONTENT_LENGTH=str(65 * 1024 * 1024))
    assert response.status_code == 413


@pytest.mark.parametrize("role", ["viewer", "support"])
def test_those_who_may_not_create_projects_see_no_form(client_for, role):
    assert client_for(role).get("/projects/new/").status_code == 403


def test_htmx_is_sent_on_to_the_report(client_for, make_customer):
    client = client_for("editor")
    client.defaults["HTTP_HX_REQUEST"] = "true"
    response = upload(client, zips.zip_of({"a": "a"}), user_id=make_customer()["id"])
    assert response.status_code == 204
    assert response["HX-Redirect"].endswith("/import-report/")


def test_a_single_folder_around_everything_is_taken_off():
    assert names({"shop-main/app/a.ts": "1", "shop-main/b.ts": "2"}) == ["app/a.ts", "b.ts"]


def test_only_one_folder_is_taken_off():
    assert names({"a/b/c.ts": "1"}) == ["b/c.ts"]


def test_what_a_mac_adds_beside_the_folder_does_not_count():
    found = collected({"shop/a.ts": "1", "__MACOSX/shop/._a.ts": "x", ".DS_Store": "x"})
    assert [file.name for file in found.files] == ["a.ts"]
    assert [each.name for each in found.skipped] == [".DS_Store", "__MACOSX/"]


def test_two_top_folders_both_stay():
    assert names({"app/a.ts": "1", "lib/b.ts": "2"}) == ["app/a.ts", "lib/b.ts"]


def test_names_of_a_mac_without_the_utf8_flag_are_read():
    data = zips.zip_of({"a/b.txt": "x", "é/ü.txt": "x"})
    cleared = bytearray(data)
    for mark, offset in ((b"PK\x03\x04", 7), (b"PK\x01\x02", 9)):
        at = data.find(mark)
        while at >= 0:
            cleared[at + offset] &= ~0x08
            at = data.find(mark, at + 4)
    with open_zip(io.BytesIO(bytes(cleared))) as root:
        assert [file.name for file in collect(root).files] == ["a/b.txt", "é/ü.txt"]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"\x89PNG\r\n\0\0", "not UTF-8 text"),
        ("text".encode("utf-16"), "not UTF-8 text"),
        ("é".encode("latin-1"), "not UTF-8 text"),
        (b"x" * (entries.MAX_FILE_BYTES + 1), "larger than 1 MB"),
    ],
)
def test_what_is_no_text_or_too_large_is_skipped(content, reason):
    assert skipped({"a.txt": "a", "b.bin": content}) == {"b.bin": reason}


@pytest.mark.parametrize(
    "content", ["\ufeffwith a mark", "a\r\nb\rc\n", "", " \u2028 👩‍👩‍👧", "x" * 1024 * 1024]
)
def test_text_is_kept_to_the_letter(content):
    (file,) = [f for f in collected({"a.txt": content, "b.txt": "b"}).files if f.name == "a.txt"]
    assert file.content == content


def test_a_zip_within_a_zip_is_just_a_binary():
    inner = zips.zip_of({"x.txt": "x"})
    assert skipped({"a.txt": "a", "inner.zip": inner}) == {"inner.zip": "not UTF-8 text"}


def test_what_does_not_fit_into_15_mb_is_skipped_and_smaller_files_after_it_still_fit():
    files: dict[str, str | bytes] = {f"f{n:02}.txt": "x" * 1_000_000 for n in range(17)}
    found = collected(files | {"z.txt": "small"})
    assert [each.name for each in found.skipped] == ["f15.txt", "f16.txt"]
    assert found.files[-1].name == "z.txt"


def test_a_project_of_15_mb_is_stored(mongo, actor, make_customer):
    files = {f"{n:02}/{n}.txt": "é" * 500_000 for n in range(16)}
    project_id = imports.import_zip(
        io.BytesIO(zips.zip_of(files)),
        user_id=make_customer()["id"], name="Big", project_type="app", source="b", actor=actor,
    )  # fmt: skip
    stored = mongo.projects.find_one({"id": project_id})
    assert len(stored["files"]) == 15


def test_a_name_the_editor_would_refuse_is_skipped():
    assert list(skipped({"a.txt": "a", " b .txt ": "x"})) == [" b .txt "]


def test_gitignore_is_respected_deeper_files_winning():
    files: dict[str, str | bytes] = {
        ".gitignore": "dist/\n*.log\n!keep.log\n/only-root.txt\n",
        "dist/a.js": "x",
        "a.log": "x",
        "keep.log": "x",
        "only-root.txt": "x",
        "sub/only-root.txt": "x",
        "sub/.gitignore": "!b.log\nsecret.txt\n",
        "sub/b.log": "x",
        "sub/c.log": "x",
        "sub/secret.txt": "x",
        "secret.txt": "x",
    }
    assert skipped(files) == {
        "dist/": "ignored by .gitignore",
        "a.log": "ignored by .gitignore",
        "only-root.txt": "ignored by .gitignore",
        "sub/c.log": "ignored by .gitignore",
        "sub/secret.txt": "ignored by .gitignore",
    }


def test_a_gitignore_cannot_bring_back_what_lies_in_an_ignored_folder():
    files: dict[str, str | bytes] = {
        ".gitignore": "out/\n", "out/.gitignore": "!a.txt\n", "out/a.txt": "x", "b.txt": "x",
    }  # fmt: skip
    assert names(files) == [".gitignore", "b.txt"]


def test_all_of_a_folder_can_be_ignored_but_for_one_file():
    files: dict[str, str | bytes] = {
        ".gitignore": "src/**\n!/src/a\n", "src/a": "x", "src/b": "x", "c": "x",
    }  # fmt: skip
    assert names(files) == [".gitignore", "c", "src/a"]


def test_gitignore_lines_that_mean_nothing_are_passed_over():
    assert names({".gitignore": "!\n/\n\x00\n[z-a]\n\\\n", "a.txt": "a"})[-1] == "a.txt"


def test_unusable_input_names_the_archive_field():
    with pytest.raises(InvalidInput) as refused:
        collected({"a.png": b"\0"})
    assert refused.value.field == "archive"
