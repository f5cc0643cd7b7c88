"""One version: its files, its lines with addresses, its metadata and its zip."""

import io
import re
import zipfile

import pytest

from devora_admin.core import raw_bson
from devora_admin.versions import blobs, manifest
from devora_admin.versions.documents import versions
from tests.security.payloads import PAYLOADS
from tests.versions.factory import STAFF, by_turn, make_version


def url(project, number, rest=""):
    return f"/projects/{project['id']}/versions/{number}/{rest}"


def page(client, project, number, rest="", status=200):
    answer = client.get(url(project, number, rest))
    assert answer.status_code == status
    return answer.content.decode()


def lines(html):
    found = re.findall(r'id="L(\d+)">.*?class="line-text">(.*?)\n</span></div>', html, re.DOTALL)
    return {int(at): re.sub(r"<[^>]+>", "", text) for at, text in found}


@pytest.fixture
def three(make_project):
    project = make_project(name="TaskMaster")
    make_version(project, 1, {"app/page.tsx": "const a = 1;\n"})
    make_version(project, 2, {"app/page.tsx": "const a = 2;\n", "b.ts": ""}, author=by_turn(4))
    make_version(project, 4, {"app/page.tsx": "const a = 4;\n", "b.ts": "x"}, author=STAFF)
    return project


def test_a_file_is_read_as_it_was_with_numbered_lines(admin, three):
    assert lines(page(admin, three, 1, "?file=app/page.tsx")) == {1: "const a = 1;"}
    assert lines(page(admin, three, 4, "?file=app/page.tsx")) == {1: "const a = 4;"}
    assert "The file was empty" in page(admin, three, 2, "?file=b.ts")


def test_the_head_says_who_and_leads_to_the_versions_beside(admin, three):
    html = page(admin, three, 2)
    assert "Devora AI" in html
    assert "turn 5" in html
    assert re.search(r'rel="prev" href="[^"]*/versions/1/', html)
    assert re.search(r'rel="next" href="[^"]*/versions/4/', html)


def test_htmx_gets_the_file_alone(admin, three):
    answer = admin.get(url(three, 1, "?file=app/page.tsx"), HTTP_HX_REQUEST="true")
    assert "<html" not in answer.content.decode()
    assert lines(answer.content.decode()) == {1: "const a = 1;"}


def test_a_line_that_is_typed_leads_to_its_address(admin, three):
    answer = admin.get(url(three, 1, "?file=app/page.tsx&line=1"))
    assert answer["Location"] == "?file=app%2Fpage.tsx#L1"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a\r\nb\r\n", {1: "a", 2: "b"}),
        ("a\rb\nc", {1: "a␍b", 2: "c"}),
        ("a\x0cb\x0b\u2028c\nd", {1: "a\x0cb\x0b\u2028c", 2: "d"}),
        ("\n\n", {1: "", 2: ""}),
        ("\ufeffa\n", {1: "a"}),
        ("/* a\n\n b */\n`x\ny`\n", {1: "/* a", 2: "", 3: " b */", 4: "`x", 5: "y`"}),
    ],
)
def test_lines_are_counted_as_git_counts_them(admin, make_project, text, expected):
    project = make_project()
    make_version(project, 1, {"a.ts": text})
    assert lines(page(admin, project, 1, "?file=a.ts")) == expected


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("x" * 600_000, "Too large to show"),
        ("\n" * 30_000, "Too large to show"),
        ("a\0b", "Not text"),
    ],
)
def test_what_cannot_be_shown_says_why(admin, make_project, text, words):
    project = make_project()
    make_version(project, 1, {"a.ts": text})
    assert words in page(admin, project, 1, "?file=a.ts")


def test_a_removed_version_offers_the_nearest_with_the_same_file(admin, three):
    html = page(admin, three, 3, "?file=app/page.tsx", status=404)
    assert "Version 3 was removed" in html
    assert re.search(r'/versions/4/\?file=app%2Fpage.tsx" data-keep-hash', html)
    assert re.search(r'/versions/2/\?file=app%2Fpage.tsx" data-keep-hash', html)


@pytest.mark.parametrize("number", [5, 0, 2**31, 10**30])
def test_a_version_that_never_was_is_not_found(admin, three, number):
    page(admin, three, number, status=404)


def test_a_file_that_was_not_there_is_not_found(admin, three):
    page(admin, three, 1, "?file=b.ts", status=404)


def test_the_page_costs_the_same_whatever_the_number(admin, make_project):
    project = make_project()
    for number in range(1, 60):
        make_version(project, number, {"a.ts": f"{number}\n"})
    costs = {
        re.search(r'mongo;desc="(\d+)"', admin.get(url(project, number, "?file=a.ts"))[
            "Server-Timing"])[1]
        for number in (1, 30, 59)
    }  # fmt: skip
    assert costs == {"7"}


def test_the_zip_holds_what_the_version_held(client_for, three):
    client = client_for("support")
    answer = client.get(url(three, 2, "download/"))
    assert 'filename="TaskMaster-version-2.zip"' in answer["Content-Disposition"]
    with zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content))) as found:
        held = {name: found.read(name).decode() for name in found.namelist()}
    assert held == {
        "TaskMaster-version-2/app/page.tsx": "const a = 2;\n",
        "TaskMaster-version-2/b.ts": "",
    }
    assert client_for("viewer").get(url(three, 2, "download/")).status_code == 403


def test_hostile_names_leave_the_zip_nowhere(admin, make_project):
    project = make_project(name="../..")
    names = ("../../etc/passwd", "/abs", "C:\\x", "a\0b", "a/../../b", "..", "con\x1b[31m")
    make_version(project, 1, dict.fromkeys(names, "x"))
    answer = admin.get(url(project, 1, "download/"))
    with zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content))) as found:
        for name in found.namelist():
            assert name.startswith("project-version-1/")
            assert not {"..", "."} & set(name.split("/"))
            assert "\0" not in name


def test_what_was_no_file_is_told_and_named_in_the_zip(admin, make_project):
    project = make_project()
    make_version(project, 1, {"a.ts": "x"})
    read = manifest.read_file(raw_bson.element({"name": "odd.ts", "content": 5}), 1)
    for sha, data in read.contents.items():
        blobs.blobs().insert_one({"_id": sha, "data": blobs.packed(data), "size": len(data)})
    versions().update_one({"project_id": project["id"]}, {"$push": {"files": read.entry.stored()}})
    assert "The content was not text" in page(admin, project, 1, "?file=odd.ts")
    answer = admin.get(url(project, 1, "download/"))
    with zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content))) as found:
        [malformed] = [name for name in found.namelist() if "MALFORMED" in name]
        assert "odd.ts" in found.read(malformed).decode()


def test_the_metadata_of_the_version_is_shown(admin, make_project):
    project = make_project()
    data = raw_bson.build([raw_bson.element({"seats": 5}, "metadata")])
    sha = manifest.sha_of(data)
    blobs.blobs().insert_one({"_id": sha, "data": blobs.packed(data), "size": len(data)})
    make_version(project, 1, {"a.ts": "x"}, metadata=sha)
    make_version(project, 2, {"a.ts": "x"})
    assert "seats" in page(admin, project, 1, "metadata/")
    assert "No metadata" in page(admin, project, 2, "metadata/")


def test_hostile_names_and_contents_are_only_text(admin, make_project):
    project = make_project()
    make_version(project, 1, {text: text for text in PAYLOADS if text.strip()})
    for path in [None, *PAYLOADS[:60:7]]:
        answer = admin.get(url(project, 1), {"file": path} if path else {})
        assert answer.status_code == 200
        html = answer.content.decode()
        assert "<script>alert" not in html
        assert "<img src=x onerror" not in html
