"""The history of a project: who, when, what; filters, pages, gaps."""

import re
from datetime import timedelta

import pytest

from devora_admin.core import clock
from devora_admin.versions import manifest
from devora_admin.versions.documents import heads
from tests.factories import EPOCH
from tests.security.payloads import PAYLOADS
from tests.versions.factory import CUSTOMER, STAFF, by_turn, make_version


def url(project, rest=""):
    return f"/projects/{project['id']}/history/{rest}"


def page(client, project, rest=""):
    answer = client.get(url(project, rest))
    assert answer.status_code == 200
    return answer.content.decode()


def numbers(html):
    return [int(found) for found in re.findall(r'class="history-number">(\d+)<', html)]


def changed(path, status="changed", added=1, removed=0, **more):
    return {"p": path, "st": status, "a": added, "r": removed, **more}


def open_version(mongo, project, number, files, **fields):
    entries = [
        manifest.Entry(path, manifest.sha_of(text.encode()), len(text))
        for path, text in files.items()
    ]
    from devora_admin.versions import blobs

    heads().insert_one(
        {
            "_id": project["_id"], "project_id": project["id"], "user_id": project["user_id"],
            "first_turn": 0, "refs": [],
            "state": {"files": [entry.stored() for entry in entries], "metadata": None,
                      "revision": 1},
            "turns": 0,
            "contents": [
                {"h": manifest.sha_of(text.encode()), "d": blobs.packed(text.encode())}
                for text in files.values()
            ],
            "open": {"number": number, "author": STAFF.stored(), "why": "", "saves": 2,
                     "opened_at": EPOCH, "changed_at": EPOCH, "turns": 0, **fields},
        }
    )  # fmt: skip


@pytest.fixture
def many(make_project):
    project = make_project()
    for number in range(1, 101):
        make_version(project, number, {"a.ts": f"{number}\n"}, changes=[changed("a.ts")])
    return project


def test_versions_are_listed_newest_first_with_who_why_and_what(admin, make_project):
    project = make_project()
    make_version(project, 1, {"a.ts": "1\n"}, why="found")
    make_version(project, 2, {"a.ts": "2\n"}, author=STAFF, why="project.file.edit", saves=4,
                 changes=[changed("a.ts", added=3, removed=2)])  # fmt: skip
    make_version(project, 3, {"a.ts": "3\n"}, author=by_turn(6, "between"),
                 changes=[changed("a.ts"), changed("b.ts", "added", 9)])  # fmt: skip
    make_version(project, 4, {"a.ts": "2\n"}, author=STAFF, why="project.version.restore", origin=2,
                 name="Before the launch", named_by={"label": "Ada Editor"})  # fmt: skip
    html = page(admin, project)
    assert numbers(html) == [4, 3, 2, 1]
    for part in (
        "Found when tracking began", "Edited a file", "Ada Editor", "4 saves", "lines-added",
        "lines-removed",
        "Devora AI", "turn 7", "written between the message and the answer", "Changed 2 files",
        "Before the launch", "Version 2 put back", "The platform",
    ):  # fmt: skip
        assert part in html


@pytest.mark.parametrize(
    ("basis", "words"),
    [
        ("marked", "marked by the platform"),
        ("same write", "in the same write as its answer"),
        ("between", "written between the message and the answer"),
    ],
)
def test_how_a_turn_is_known_is_told(admin, make_project, basis, words):
    project = make_project()
    make_version(project, 1, {"a.ts": "1\n"}, author=by_turn(1, basis))
    assert words in page(admin, project)


def test_paging_goes_both_ways_by_number_and_keeps_the_filters(admin, many):
    assert numbers(page(admin, many)) == list(range(100, 60, -1))
    assert numbers(page(admin, many, "?before=61")) == list(range(60, 20, -1))
    assert numbers(page(admin, many, "?before=21")) == list(range(20, 0, -1))
    assert numbers(page(admin, many, "?after=60")) == list(range(100, 60, -1))
    html = page(admin, many, "?file=a.ts&before=61")
    assert "before=21" in html
    assert "file=a.ts" in html
    assert "Nothing beyond this" in page(admin, many, "?before=1")


def test_every_page_costs_the_same(admin, many):
    costs = {
        re.search(r'mongo;desc="(\d+)"', admin.get(url(many, rest))["Server-Timing"])[1]
        for rest in ("", "?before=61", "?before=21", "?file=a.ts", "?by=platform")
    }
    assert costs == {"6"}


def test_filters_by_file_and_by_author(admin, make_project):
    project = make_project()
    authors = [STAFF, CUSTOMER, by_turn(3), None]
    for number, author in enumerate(authors, start=1):
        fields = {"author": author} if author else {}
        path = "even.ts" if number % 2 == 0 else "odd.ts"
        make_version(project, number, {path: "x"}, changes=[changed(path)], **fields)
    assert numbers(page(admin, project, "?file=odd.ts")) == [3, 1]
    for number, by in enumerate(("staff", "customer", "ai", "platform"), start=1):
        assert numbers(page(admin, project, f"?by={by}")) == [number]
    assert numbers(page(admin, project, "?file=odd.ts&by=ai")) == [3]
    assert "No version fits" in page(admin, project, "?file=gone.ts")


def test_the_file_that_is_asked_for_stands_first_however_many_changed(admin, make_project):
    project = make_project()
    changes = [changed(f"{at:03}.ts") for at in range(50)]
    make_version(project, 1, {"049.ts": "x"}, changes=changes)
    html = page(admin, project, "?file=049.ts")
    listed = re.findall(r'class="mono" href="[^"]*">([^<]+)<', html)
    assert listed == ["049.ts", "000.ts", "001.ts"]
    assert "and 47 more files" in html
    rest = admin.get(f"/projects/{project['id']}/versions/1/changes/", HTTP_HX_REQUEST="true")
    assert rest.content.decode().count("<li>") == 50


@pytest.mark.parametrize("rest", ["?before=x", "?after=-1", "?by=me", "?before=" + "9" * 30])
def test_a_bad_address_is_refused(admin, many, rest):
    assert admin.get(url(many, rest)).status_code == 422


def test_what_retention_removed_is_told_between_the_rows(admin, make_project):
    project = make_project()
    for number in (3, 16, 17):
        make_version(project, number, {"a.ts": "x"}, changes=[changed("a.ts")])
    html = page(admin, project)
    assert "12 versions were removed here" in html
    assert "2 versions were removed here" in html
    assert "removed here" not in page(admin, project, "?file=a.ts")
    page_end = page(admin, project, "?before=17")
    assert "12 versions were removed here" in page_end


def test_the_open_version_stands_on_top_with_its_files(admin, mongo, make_project):
    project = make_project()
    make_version(project, 1, {"a.ts": "1", "b.ts": "1"})
    open_version(mongo, project, 2, {"a.ts": "2", "c.ts": "1"})
    html = page(admin, project)
    assert numbers(html) == [2, 1]
    assert "Being edited" in html
    for path in ("a.ts", "b.ts", "c.ts"):
        assert path in html
    assert numbers(page(admin, project, "?file=c.ts")) == [2]
    assert numbers(page(admin, project, "?file=z.ts")) == []
    assert numbers(page(admin, project, "?by=staff")) == [2]
    assert numbers(page(admin, project, "?by=ai")) == []
    assert numbers(page(admin, project, "?before=2")) == [1]


def test_a_project_without_versions_says_whether_a_worker_runs(admin, mongo, make_project):
    project = make_project()
    assert "No worker follows the projects" in page(admin, project)
    until = clock.now() + timedelta(seconds=30)
    mongo.worker_state.insert_one({"_id": "versions", "lease_until": until})
    assert "has not reached this one" in page(admin, project)


def test_paths_are_suggested_from_the_current_files(admin, mongo, make_project):
    project = make_project()
    open_version(mongo, project, 1, {"app/Page.tsx": "1", "lib/x.ts": "1"})
    answer = admin.get(url(project, "files/?file=page"))
    assert 'value="app/Page.tsx"' in answer.content.decode()
    assert "lib/x.ts" not in answer.content.decode()


def test_htmx_gets_the_list_alone(admin, many):
    answer = admin.get(url(many), HTTP_HX_REQUEST="true").content.decode()
    assert "<html" not in answer
    assert numbers(answer) == list(range(100, 60, -1))


def test_a_viewer_sees_it_and_is_offered_no_download(client_for, many):
    html = page(client_for("viewer"), many)
    assert numbers(html)
    assert "Download zip" not in html
    assert "Download zip" in page(client_for("support"), many)


def test_hostile_names_are_only_text(admin, make_project):
    project = make_project()
    changes = [changed(text, f=text) for text in PAYLOADS if text]
    make_version(project, 1, {"a": "x"}, name=PAYLOADS[0], changes=changes,
                 author=STAFF.__class__("staff", label=PAYLOADS[1]))  # fmt: skip
    for rest in ("", f"?file={PAYLOADS[3]}"):
        html = page(admin, project, rest)
        assert "<script>alert" not in html
        assert "<img src=x onerror" not in html


def test_compare_with_now_means_the_project_and_not_its_newest_version(admin, many):
    html = page(admin, many)
    assert "compare/?from=99&amp;to=now" in html
    version = admin.get(f"/projects/{many['id']}/versions/99/").content.decode()
    assert "compare/?from=99&amp;to=now" in version
