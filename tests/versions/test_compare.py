"""Comparing versions: what the page says, at what cost, and what it does with nonsense."""

import re
from html import unescape

import pytest
from django.test.html import parse_html

from devora_admin.core import mongo as core_mongo
from tests.versions.factory import make_version

OLD = "one\ntwo\nthree\n"
NEW = "one\n2 & <b>\nthree\nfour\n"


@pytest.fixture
def viewer(client_for):
    return client_for("viewer")


def url(project, **asked):
    query = "&".join(f"{key.rstrip('_')}={value}" for key, value in asked.items())
    return f"/projects/{project['id']}/compare/?{query}"


def page(client, project, status=200, **asked):
    response = client.get(url(project, **asked))
    assert response.status_code == status, response.content[:2000]
    return response.content.decode()


def test_two_versions_are_compared_line_by_line(viewer, make_project):
    project = make_project()
    make_version(project, 1, {"a.ts": OLD, "same.ts": "x"})
    make_version(project, 2, {"a.ts": NEW, "same.ts": "x"})
    shown = page(viewer, project, from_=1, to=2, view="inline")
    parse_html(shown)
    assert "2 &amp; &lt;b&gt;" in shown
    assert "same.ts" not in shown
    assert shown.count('class="dr is-added"') == 2
    assert shown.count('class="dr is-removed"') == 1


def test_a_version_is_compared_with_the_project_as_it_is(viewer, make_project):
    project = make_project(files=[{"name": "a.ts", "content": NEW, "language": "typescript"}])
    make_version(project, 1, {"a.ts": OLD})
    for asked in ({"from_": 1, "to": "now"}, {}):
        shown = page(viewer, project, **asked)
        assert "four" in shown
        assert "Version 1" in shown


def test_the_same_on_both_sides_is_no_difference(viewer, make_project):
    project = make_project()
    make_version(project, 1, {"a.ts": OLD})
    assert "No difference" in page(viewer, project, from_=1, to=1)
    assert "No difference" in page(viewer, project, from_="now", to="now")


def test_reads_are_the_same_number_whatever_the_versions(viewer, make_project):
    project = make_project()
    for number in range(1, 60):
        make_version(project, number, {f"{n}.ts": f"{n} {number}\n" for n in range(number)})
    counts = set()
    page(viewer, project, from_=1, to=2)
    for old, new in ((1, 2), (1, 59), (58, 59)):
        core_mongo.round_trips.reset()
        page(viewer, project, from_=old, to=new)
        counts.add(core_mongo.round_trips.count)
    assert len(counts) == 1
    core_mongo.round_trips.reset()
    page(viewer, project, from_=30, to="now")
    assert core_mongo.round_trips.count == counts.pop() + 1


@pytest.mark.parametrize("bad", ["abc", "-1", "0", "99999999999999999999", "1e3", "%00", "²"])
@pytest.mark.parametrize("field", ["from_", "to", "skip", "view", "space"])
def test_nonsense_in_the_address_is_refused(viewer, make_project, field, bad):
    project = make_project()
    make_version(project, 1, {"a.ts": OLD})
    if field == "skip" and bad == "0":
        return
    page(viewer, project, 422, **{"from_": 1, "to": "now", field: bad})


def test_a_version_that_is_gone_offers_the_nearest(viewer, make_project):
    project = make_project()
    make_version(project, 5, {"a.ts": OLD})
    make_version(project, 9, {"a.ts": NEW})
    assert "from=5&amp;to=9" in page(viewer, project, 404, from_=3, to=9)
    assert "from=5&amp;to=9" in page(viewer, project, 404, from_=5, to=12)
    page(viewer, make_project(), 404, from_=1, to=2)


def test_a_project_without_versions_says_so(viewer, make_project):
    assert "Nothing to compare yet" in page(viewer, make_project())
    assert viewer.get("/projects/none/compare/").status_code == 404
    assert viewer.get("/projects/none/compare/?from=now&to=now").status_code == 404


def test_a_rename_names_both_paths(viewer, make_project):
    project = make_project()
    make_version(project, 1, {"old/name.ts": OLD})
    make_version(project, 2, {"new/name.ts": OLD})
    shown = page(viewer, project, from_=1, to=2)
    assert "old/name.ts" in shown
    assert "new/name.ts" in shown
    assert "Renamed" in shown


def test_metadata_is_compared_too(viewer, make_project):
    project = make_project(metadata={"auth": True, "n": 1})
    make_version(project, 1, {"app/page.tsx": "export default 1;\n"})
    shown = page(viewer, project, from_=1, to="now", view="inline")
    assert "Metadata" in shown
    assert '"auth": true' in shown


def test_large_metadata_is_cut_and_says_so(viewer, make_project):
    for size, says in ((2_000, "more changed lines"), (30_000, "too large")):
        project = make_project(metadata={f"k{n}": n for n in range(size)})
        make_version(project, 1, {"app/page.tsx": "export default 1;\n"})
        assert says in page(viewer, project, from_=1, to="now")


def test_binary_large_and_malformed_files_are_summarised(viewer, make_project):
    files = [
        {"name": "b.bin", "content": "a\0b"},
        {"name": "big.txt", "content": "line\n" * 30_000},
        {"name": "odd.ts", "content": 7},
        "no file at all",
    ]
    project = make_project(files=files)
    make_version(project, 1, {"b.bin": "a\0c", "big.txt": "row\n" * 30_000})
    shown = page(viewer, project, from_=1, to="now")
    assert "NUL characters" in shown
    assert "too large" in shown
    assert shown.count("no text file") == 2


def test_white_space_can_be_ignored(viewer, make_project):
    project = make_project()
    make_version(project, 1, {"a.ts": "a b\n"})
    make_version(project, 2, {"a.ts": "a  b\r\n"})
    assert "Only white space differs" in page(viewer, project, from_=1, to=2, space="ignore")
    shown = page(viewer, project, from_=1, to=2)
    assert '<i class="diff-char">CR</i>' in shown


def test_lines_between_changes_are_loaded_or_shown_on_a_page(viewer, make_project):
    project = make_project()
    text = "".join(f"line {n}\n" for n in range(50))
    make_version(project, 1, {"a.ts": text})
    make_version(project, 2, {"a.ts": text.replace("line 40\n", "changed\n")})
    shown = page(viewer, project, from_=1, to=2)
    assert "Show 37 unchanged lines" in shown
    assert "line 12" not in shown
    whole = page(viewer, project, from_=1, to=2, file="a.ts", lines="all")
    assert "line 12" in re.sub("<[^>]+>", "", whole)
    address = f"/projects/{project['id']}/compare/lines/?from=1&to=2&file=a.ts&old=1&new=1&count=37"
    more = viewer.get(address, headers={"HX-Request": "true"})
    assert more.content.decode().count('class="dr"') == 37
    assert viewer.get(address).status_code == 302
    for bad in ("old=99", "count=x", "file=none.ts"):
        response = viewer.get(f"{address}&{bad}", headers={"HX-Request": "true"})
        assert response.status_code in (404, 422)


def test_a_project_that_changed_since_the_page_is_not_mixed_into_it(viewer, mongo, make_project):
    project = make_project()
    make_version(project, 1, {f"{n}.ts": OLD * 100 for n in range(30)})
    shown = page(viewer, project, from_=1, to="now")
    (next_url,) = [each for each in _links(shown) if "skip=" in each]
    assert viewer.get(next_url, headers={"HX-Request": "true"}).status_code == 200
    mongo.projects.update_one({"id": project["id"]}, {"$set": {"files": []}})
    assert viewer.get(next_url, headers={"HX-Request": "true"}).status_code == 409
    assert viewer.get(next_url).status_code == 200


def _links(shown):
    return {unescape(each) for each in re.findall(r'hx-get="([^"]+)"', shown)}


def test_a_long_list_comes_in_parts_that_hold_every_file_once(viewer, make_project):
    project = make_project()
    make_version(project, 1, {f"{n:03}.ts": OLD * 20 for n in range(120)})
    make_version(project, 2, {f"{n:03}.ts": NEW * 20 for n in range(120)})
    seen, address = [], url(project, from_=1, to=2)
    headers = {}
    while address:
        shown = viewer.get(address, headers=headers).content.decode()
        seen += [n for n in range(120) if f'aria-label="{n:03}.ts"' in shown]
        address = next((each for each in _links(shown) if "skip=" in each), None)
        headers = {"HX-Request": "true"}
    assert seen == list(range(120))


def test_characters_that_hide_are_named(viewer, make_project):
    project = make_project()
    make_version(project, 1, {"a.ts": "x\n"})
    make_version(project, 2, {"a.ts": "x\u202e\u2028y\x07\n"})
    shown = page(viewer, project, from_=1, to=2)
    for name in ("U+202E", "U+2028", "U+0007"):
        assert f">{name}<" in shown


def _text(number, mark):
    body = [f"  const value{n} = compute(alpha, {n}, other[{n}]);" for n in range(100)]
    for at in range(5):
        body[at * 20 + number % 7] = f"  const {mark}{number} = compute(beta, {at}, other[{at}]);"
    return "\n".join(body) + "\n"


def test_five_hundred_changed_files_are_all_named_and_the_first_are_shown(viewer, make_project):
    project = make_project()
    for version, mark in ((1, "old"), (2, "new")):
        files = {f"src/{n % 20}/{n:03}.ts": _text(n, mark) for n in range(500)}
        make_version(project, version, files)
    shown = page(viewer, project, from_=1, to=2)
    assert "500 files" in shown
    assert shown.count('title="src/') == 500


def test_a_file_alone_is_coloured_with_its_words_marked(viewer, make_project):
    project = make_project()
    make_version(project, 1, {"a.ts": 'const a = "<one>";\nlet b;\u202e\r\n'})
    make_version(project, 2, {"a.ts": 'const a = "<two>";\nlet b;\u202e\r\nreturn\n'})
    shown = page(viewer, project, from_=1, to=2, file="a.ts")
    assert '<span class="kd">const</span>' in shown
    lines = re.findall(r'<span class="dc[^"]*">(.*?)</span></?(?:div|span class="dn)', shown)
    assert any("<ins>" in line and "two" in line for line in lines)
    texts = {unescape(re.sub("<[^>]+>", "", line)) for line in lines}
    assert {'const a = "<one>";', 'const a = "<two>";', "let b;U+202ECR", "return"} <= texts
