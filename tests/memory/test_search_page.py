"""The search page: every hit says where it is and leads exactly there."""

import re
from typing import Any

import pytest

from devora_admin.memory.store.models import Chunk
from tests.memory import rows

pytestmark = pytest.mark.usefixtures("memory")
SEARCH = "/memory/search/"


@pytest.fixture
def world(make_customer: Any, make_project: Any) -> Any:
    """One of each kind, of one customer."""
    customer = make_customer(name="Ada <b>", email="ada@x.example")
    project = make_project(
        user_id=customer["id"], name="Tea & shop",
        files=[{"name": "src/b.ts", "content": "\n" * 9 + "basket(1)\n" * 9, "language": "ts"}],
        conversation_history=[{"role": "user", "content": f"basket {n}"} for n in range(9)],
    )  # fmt: skip
    whose = {"user_id": customer["id"], "project_id": project["id"]}
    rows.chunks(
        [
            {"text": "basket(1)\n<b>basket</b>(2)", "path": "src/b.ts", "symbol": "fill",
             "language": "typescript", "line_from": 10, "line_to": 11, **whose},
            {"text": "my basket is empty", "kind": "message", "role": "user", "turn": 4, **whose},
            {"text": "a shop with a basket", "kind": "project", **whose},
            {"text": "basket lost", "kind": "issue", "title": "Lost", "turn": 3,
             "facts": {"number": 12, "status": "on_hold"}, **whose},
            {"text": "basket of another", "user_id": "other", "project_id": "gone", "path": "x.py",
             "language": "python"},
        ]
    )  # fmt: skip
    return customer, project


def links(html: str) -> list[str]:
    return [found.replace("&amp;", "&") for found in
            re.findall(r'<a href="([^"]*)" data-row-link', html)]  # fmt: skip


def test_each_hit_leads_exactly_to_its_place_and_says_why(admin, world):
    _, project = world
    page = admin.get(SEARCH, {"q": "basket", "customer": "ada@x.example"})
    html = page.content.decode()
    here = f"/projects/{project['id']}/"
    assert set(links(html)) == {
        f"{here}?file=src%2Fb.ts#L10-L11", f"{here}conversation/?turn=5#turn-5", here,
        "/support/12/?message=3#m3",
    }  # fmt: skip
    for shown in ("Tea &amp; shop", "Ada &lt;b&gt;", "lines 10\u201311", "turn 5", "#12 · On hold",
                  "<mark>basket</mark>(1)", "&lt;b&gt;<mark>basket</mark>&lt;/b&gt;"):  # fmt: skip
        assert shown in html
    assert "another" not in html
    for address in links(html):
        if "#" in address and "/support/" not in address:
            there, _, mark = address.partition("#")
            assert f'id="{mark.partition("-L")[0]}"' in admin.get(there).content.decode()


def test_names_are_looked_up_in_one_round_trip(admin, world, make_customer, make_project):
    def trips() -> int:
        found = admin.get(SEARCH, {"q": "basket"}, headers={"HX-Request": "true"})
        return int(re.search(r'mongo;desc="(\d+)"', found["Server-Timing"])[1])

    asks = trips()
    others = [make_customer()["id"] for _ in range(8)]
    rows.chunks([{"text": f"basket {n}", "user_id": each, "path": "a.py",
                  "project_id": make_project(user_id=each)["id"]}
                 for n, each in enumerate(others)])  # fmt: skip
    assert trips() == asks
    assert admin.get(SEARCH, {"q": "basket"}).content.decode().count("memory-hit-where") == 13


def test_what_is_asked_stands_in_the_address_and_narrows(admin, world):
    _, project = world
    for given, found in (
        ({"kind": "conversation"}, 1),
        ({"kind": "code"}, 2),
        ({"project": project["id"]}, 4),
        ({"language": "python"}, 1),
        ({"since": "2026-01-01"}, 0),
        ({"project": "gone", "kind": "issue"}, 0),
    ):
        html = admin.get(SEARCH, {"q": "basket", **given}).content.decode()
        assert html.count("memory-hit-where") == found, given
        assert ("Nothing found" in html) is (found == 0)


def test_odd_questions_get_an_answer_or_a_clear_message(admin, world):
    for given, said in (
        ({}, "Find it by describing it"),
        ({"q": "  "}, "Find it by describing it"),
        ({"q": "x" * 801}, "Too long: at most 800 characters"),
        ({"q": "?!…"}, "only punctuation"),
        ({"q": "a\0b"}, "Null characters"),
        ({"q": "\x1b\x07"}, "Type what you are looking for"),
        ({"q": "the of and"}, "too common"),
        ({"q": "basket", "customer": "no@x.example"}, "No customer has this e-mail address"),
        ({"q": "basket", "customer": "nobody"}, "There is no such customer"),
        ({"customer": "nobody"}, "There is no such customer"),
        ({"q": "basket", "project": "\uffff$ne"}, "There is no such project"),
        ({"q": "basket", "kind": "x"}, "no such kind"),
        ({"q": "basket", "since": "2026-02-01", "until": "2026-01-01"}, "before the beginning"),
        ({"q": "basket", "limit": "7"}, "20, 50 or 100"),
    ):
        for headers in ({}, {"HX-Request": "true"}):
            answer = admin.get(SEARCH, given, headers=headers)
            assert answer.status_code == 200, given
            assert said in answer.content.decode(), (given, answer.content.decode()[-6000:])


def test_a_name_that_only_one_has_is_as_good_as_an_id(admin, world, make_customer, make_project):
    customer, _ = world
    for given, found in (
        ({"customer": "ada <B>"}, 4),
        ({"customer": "ADA@x.example"}, 4),
        ({"project": "tea & SHOP"}, 4),
        ({"customer": "other"}, 1),
        ({"project": "gone"}, 1),
    ):
        html = admin.get(SEARCH, {"q": "basket", **given}).content.decode()
        assert html.count("memory-hit-where") == found, given
    other = make_customer(name="Ada <b>")
    make_project(user_id=other["id"], name="Tea & shop")
    for given, said in (
        ({"customer": "Ada <b>"}, "2 customers are called so"),
        ({"project": "Tea & shop"}, "2 projects are called so"),
        ({"project": "Tea", "customer": customer["id"]}, "no such project of this customer"),
    ):
        html = admin.get(SEARCH, {"q": "basket", **given}).content.decode()
        assert said in html, given
        assert "memory-hit-where" not in html
        assert "Nothing found" not in html
    html = admin.get(SEARCH, {"q": "basket", "project": "Tea & shop", "customer": customer["id"]})
    assert html.content.decode().count("memory-hit-where") == 4


def test_customers_and_projects_are_suggested_by_the_beginning_of_their_name(admin, world):
    customer, project = world
    offered = admin.get("/projects/suggest/", {"project": "TEA"}).content.decode()
    assert f'<option value="{project["id"]}">Tea &amp; shop · Ada &lt;b&gt;</option>' in offered
    for text in ("", "shop", ".*", "a\0", "x" * 5000):
        assert "option" not in admin.get("/projects/suggest/", {"project": text}).content.decode()
    offered = admin.get("/users/suggest/", {"customer": "ada <", "as": "options"}).content.decode()
    assert f'<option value="{customer["email"]}">Ada &lt;b&gt;</option>' in offered
    page = admin.get(SEARCH).content.decode()
    assert page.count('hx-get="/projects/suggest/"') == 1
    assert page.count('hx-get="/users/suggest/?as=options"') == 1


def test_a_date_says_that_code_and_projects_are_left_out(admin, world):
    both = "Code and projects have no date of their own"
    Chunk.objects.filter(kind="message").update(at=rows.NOW)
    for given, found, said in (
        ({}, 1, both),
        ({"kind": "conversation"}, 1, ""),
        ({"kind": "code"}, 0, "Code has no date of its own: it is left out while a date is set."),
        ({"language": "python"}, 0, "Code has no date of its own"),
        ({"kind": "project"}, 0, "Projects have no date of their own: they are left out"),
        ({"since": "2026-02-01"}, 0, both),
    ):
        given = {"q": "basket", "since": "2025-12-01", **given}
        html = admin.get(SEARCH, given).content.decode()
        assert html.count("memory-hit-where") == found, given
        assert said in html
        assert ("of their own" in html or "of its own" in html) is bool(said), given
        assert ("Search without the dates" in html) is (found == 0 and said != both)


def test_what_was_said_is_titled_by_its_project_and_a_project_by_its_name_once(admin, world):
    rows.chunks([{"text": "Tea & shop\nSells a basket", "kind": "project", "project_id": "alone",
                  "title": "Tea & shop", "user_id": "other"},
                 {"text": "Basket", "kind": "project", "project_id": "named", "title": "Basket",
                  "user_id": "other"}])  # fmt: skip
    html = admin.get(SEARCH, {"q": "basket"}).content.decode()
    hits = [" ".join(re.sub("<[^>]+>", " ", each).split()) for each in
            re.findall(r'<li class="memory-hit".*?</li>', html, re.DOTALL)]  # fmt: skip
    [said] = [each for each in hits if "is empty" in each]
    assert said.startswith("Tea &amp; shop · Customer, turn 5 Ada &lt;b&gt; my basket")
    [project] = [each for each in hits if "Sells" in each]
    assert project.startswith("Tea &amp; shop other Sells a basket")
    assert any(each.startswith("Basket other Basket") for each in hits)
