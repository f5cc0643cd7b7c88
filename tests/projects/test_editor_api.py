"""The editor's addresses, as its script calls them."""

import json
from typing import Any

import pytest
from django.test import Client

TAB = "0b0e7a2e-0000-4000-8000-000000000001"
OTHER_TAB = "0b0e7a2e-0000-4000-8000-000000000002"


def post(client: Client, project: dict[str, Any], name: str, body: Any, **headers: str) -> Any:
    text = body if isinstance(body, str) else json.dumps(body)
    return client.post(
        f"/projects/{project['id']}/{name}/", text, content_type="application/json",
        headers={"Accept": "application/json", **headers},
    )  # fmt: skip


def get(client: Client, project: dict[str, Any], name: str, **query: str) -> Any:
    return client.get(
        f"/projects/{project['id']}/{name}/", query, headers={"Accept": "application/json"}
    )


def a_save(**changes: Any) -> dict[str, Any]:
    return {
        "path": "app/page.tsx", "content": "new\n", "base_content": "export default 1;\n",
        "base_revision": 0, "tab": TAB, **changes,
    }  # fmt: skip


def test_files_are_listed_without_their_contents(admin, make_project):
    project = make_project()
    listed = get(admin, project, "files").json()
    assert listed["files"] == [
        {"path": "app/page.tsx", "language": "typescript", "size_bytes": 18, "problem": ""}
    ]
    assert listed["revision"] == 0
    assert "content" not in json.dumps(listed)


def test_a_file_is_read_with_its_revision(admin, make_project):
    project = make_project(revision=3)
    read = get(admin, project, "file", path="app/page.tsx").json()
    assert (read["content"], read["revision"]) == ("export default 1;\n", 3)


def test_a_file_that_is_not_there_is_404(admin, make_project):
    answer = get(admin, make_project(), "file", path="no\0pe")
    assert answer.status_code == 404
    assert answer.json()["error"]["code"] == "not_found"


def test_a_save_answers_with_the_new_revision(admin, make_project):
    project = make_project()
    answer = post(admin, project, "file/save", a_save())
    assert answer.status_code == 200
    assert answer.json()["revision"] == 1
    assert (
        answer.json()["digest"] == get(admin, project, "file", path="app/page.tsx").json()["digest"]
    )


def test_a_conflict_answers_with_theirs(admin, make_project):
    project = make_project(files=[{"name": "app/page.tsx", "content": "theirs\n"}])
    answer = post(admin, project, "file/save", a_save())
    assert answer.status_code == 409
    assert answer.json()["error"]["theirs"] == "theirs\n"


@pytest.mark.parametrize(
    "body",
    [
        "not json", "[]", "null", '"text"', "[" * 100_000,
        a_save(path={"$ne": ""}), a_save(path=None), a_save(path="half \ud800"),
        a_save(content=5), a_save(content="half \ud800"), a_save(base_content=["x"]),
        a_save(base_revision="1"), a_save(base_revision=-1), a_save(base_revision=10**30),
        a_save(base_revision=True), a_save(tab="x"), a_save(tab={"$gt": ""}), {},
    ],
    ids=lambda body: str(body)[:60].encode("ascii", "replace").decode(),
)  # fmt: skip
def test_a_bad_save_is_refused_with_a_message(admin, make_project, mongo, body):
    project = make_project()
    answer = post(admin, project, "file/save", body)
    assert answer.status_code == 422
    assert answer.json()["error"]["message"]
    assert mongo.projects.find_one({"_id": project["_id"]}) == project


@pytest.mark.parametrize("name", ["files/create", "files/move", "files/delete", "files/save"])
@pytest.mark.parametrize(
    "body",
    [{}, {"files": "x", "moves": 1, "paths": {"a": 1}, "edits": None},
     {"files": [1], "moves": [[]], "paths": [None], "edits": ["x"]},
     {"files": [], "moves": [], "paths": [], "edits": []},
     {"files": [{"path": {"$gt": ""}}], "moves": [{"from": 1}], "paths": [{}], "edits": [{}]}],
)  # fmt: skip
def test_a_bad_change_of_files_is_refused(admin, make_project, name, body):
    assert post(admin, make_project(), name, body).status_code == 422


def test_a_request_beyond_the_limit_is_413(admin, make_project):
    project = make_project()
    body = json.dumps(a_save(content="x" * (39 * 1024 * 1024)))
    assert post(admin, project, "file/save", body).status_code == 413


def test_create_move_delete_and_undo_answer_with_the_files(admin, make_project):
    project = make_project()

    def paths(answer: Any) -> list[str]:
        assert answer.status_code == 200, answer.content
        return [row["path"] for row in answer.json()["project"]["files"]]

    made = post(admin, project, "files/create", {"files": [{"path": "b.md", "content": ""}]})
    assert paths(made) == ["app/page.tsx", "b.md"]
    moved = post(admin, project, "files/move", {"moves": [{"from": "b.md", "to": "c/b.md"}]})
    assert paths(moved) == ["app/page.tsx", "c/b.md"]
    gone = post(admin, project, "files/delete", {"paths": ["app/page.tsx"]})
    assert paths(gone) == ["c/b.md"]
    back = post(admin, project, "files/undo", {"token": gone.json()["undo"]})
    assert paths(back) == ["app/page.tsx", "c/b.md"]


def test_all_contents_come_compressed_for_a_search(admin, make_project):
    project = make_project(files=[{"name": "a", "content": "x" * 5000}, {"name": "b"}, 7])
    answer = admin.get(f"/projects/{project['id']}/contents/", headers={"Accept-Encoding": "gzip"})
    assert answer["Content-Encoding"] == "gzip"
    found = get(admin, project, "contents").json()["files"]
    assert [(each["path"], len(each["content"])) for each in found] == [("a", 5000), ("b", 0)]


@pytest.mark.parametrize("role", ["viewer", "support"])
def test_who_may_not_edit_can_read_and_not_write(client_for, make_project, mongo, role):
    project, client = make_project(), client_for(role)
    assert get(client, project, "edit").status_code == 200
    assert get(client, project, "file", path="app/page.tsx").status_code == 200
    for name in ("file/save", "files/save", "files/create", "files/move", "files/delete",
                 "files/undo"):  # fmt: skip
        assert post(client, project, name, a_save()).status_code == 403
    assert mongo.projects.find_one({"_id": project["_id"]}) == project


def test_an_ended_session_answers_with_where_to_sign_in(make_project):
    answer = post(Client(), make_project(), "file/save", a_save())
    assert answer.status_code == 401
    assert answer.json()["error"]["code"] == "signed_out"
    assert answer.json()["login"] == "/login/"


def test_a_browser_signed_in_as_someone_else_does_not_save(admin, make_project, staff, mongo):
    project = make_project()
    answer = post(admin, project, "file/save", a_save(), **{"X-Staff": str(staff("editor").pk)})
    assert answer.status_code == 401
    assert mongo.projects.find_one({"_id": project["_id"]}) == project


def test_writes_need_the_csrf_token(staff, make_project):
    client = Client(enforce_csrf_checks=True)
    client.force_login(staff("editor"))
    answer = post(client, make_project(), "file/save", a_save())
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "csrf")


def test_two_people_see_each_other_until_one_leaves(client_for, make_project):
    project, one, two = make_project(), client_for("admin"), client_for("editor")
    post(one, project, "presence", {"tab": TAB, "path": "app/page.tsx"})
    seen = post(two, project, "presence", {"tab": OTHER_TAB}).json()["people"]
    assert [(each["name"], each["path"]) for each in seen] == [("Admin Person", "app/page.tsx")]
    one.post(f"/projects/{project['id']}/presence/leave/", {"tab": TAB})
    assert post(two, project, "presence", {"tab": OTHER_TAB}).json()["people"] == []


def test_a_heartbeat_tells_which_open_files_changed(admin, make_project, mongo):
    project = make_project()
    read = get(admin, project, "file", path="app/page.tsx").json()
    token = get(admin, project, "files").json()["token"]
    beat = {"tab": TAB, "open": {"app/page.tsx": read["digest"]}, "token": token}
    quiet = post(admin, project, "presence", beat).json()
    assert (quiet["changed"], quiet.get("project")) == ([], None)
    mongo.projects.update_one(
        {"id": project["id"]},
        {"$set": {"files.0.content": "new", "files.1": {"name": "n", "content": ""}}},
    )
    loud = post(admin, project, "presence", beat).json()
    assert loud["changed"] == ["app/page.tsx"]
    assert [row["path"] for row in loud["project"]["files"]] == ["app/page.tsx", "n"]


@pytest.mark.parametrize(
    "body", [{"tab": TAB, "open": [1]}, {"tab": TAB, "open": {"a\ud800": 1}, "path": ["\ud800"]},
             {"tab": TAB, "path": "\ud800", "token": {}}]
)  # fmt: skip
def test_odd_heartbeats_do_no_harm(admin, make_project, body):
    assert post(admin, make_project(), "presence", body).status_code == 200


MALFORMED = [
    ({"a": {"name": "x"}}, "stored as object, not as a list"),
    ("text", "stored as string, not as a list"),
    (None, "stored as null, not as a list"),
    ([5], "Entry 1 of the files is no file but int"),
    ([[{"name": "x"}]], "Entry 1 of the files is no file but array"),
    ([{"content": "x"}], "Entry 1 of the files has no name"),
    ([{"name": {"$gt": ""}, "content": "x"}], "has a name that is no text (object)"),
    ([{"name": "", "content": ""}], "has an empty name"),
    ([{"name": "a", "content": "1"}, {"name": "a", "content": "2"}], "a second time"),
]


@pytest.mark.parametrize(("files", "fault"), MALFORMED)
def test_what_is_wrong_with_a_project_is_named(admin, make_project, files, fault):
    project = make_project(files=files)
    assert any(fault in each for each in get(admin, project, "files").json()["problems"])
    assert get(admin, project, "edit").status_code == 200
    assert get(admin, project, "contents").status_code == 200
    beat = {"tab": TAB, "open": {"a": "x"}}
    assert post(admin, project, "presence", beat).status_code == 200


def test_healthy_files_of_a_malformed_project_can_be_edited(admin, make_project, mongo):
    project = make_project(files=[7, {"name": "a", "content": {"x": 1}}, {"name": "b"}])
    rows = {row["path"]: row for row in get(admin, project, "files").json()["files"]}
    assert "not as text" in rows["a"]["problem"]
    assert get(admin, project, "file", path="a").status_code == 422
    saved = post(admin, project, "file/save", a_save(path="b", base_content=""))
    assert saved.status_code == 200
    assert mongo.projects.find_one()["files"] == [
        7, {"name": "a", "content": {"x": 1}}, {"name": "b", "content": "new\n"},
    ]  # fmt: skip


def test_the_page_allows_inline_styles_and_no_inline_scripts(admin, make_project):
    policy = get(admin, make_project(), "edit")["Content-Security-Policy"]
    assert "style-src 'self' 'unsafe-inline'" in policy
    assert "script-src 'self';" in policy + ";"


def test_the_page_carries_the_file_that_was_asked_for(admin, make_project):
    project = make_project(files=[{"name": "a", "content": "</script><b>"}])
    page = get(admin, project, "edit", file="a").content.decode()
    assert "</script><b>" not in page
    assert "\\u003C/script\\u003E\\u003Cb\\u003E" in page


@pytest.mark.parametrize("project_id", ["no-such", "%00", "x" * 3000, "%ff", "a[$ne]="])
def test_an_unknown_project_is_404(admin, project_id):
    assert admin.get(f"/projects/{project_id}/edit/").status_code == 404
    assert admin.get(f"/projects/{project_id}/files/").status_code == 404


def test_a_watched_path_is_never_read_as_an_expression(admin, make_project):
    project = make_project()
    body = {"tab": TAB, "path": "", "open": {"$$none": "x", "$name": "x", "$$ROOT": "x"}}
    answer = post(admin, project, "presence", body)
    assert answer.status_code == 200
    assert sorted(answer.json()["changed"]) == ["$$ROOT", "$$none", "$name"]
