"""The conversation beside what each turn did; where nothing can be shown, why."""

import re
from datetime import timedelta
from typing import Any

import pytest

from devora_admin.core import clock
from devora_admin.versions.documents import heads, versions
from devora_admin.versions.queries import replay as queries
from tests.factories import EPOCH
from tests.security.payloads import PAYLOADS
from tests.versions.factory import STAFF, by_turn, make_version


def said(count: int) -> list[dict[str, Any]]:
    return [
        {"role": ("user", "assistant")[at % 2], "content": f"message {at + 1}.", "timestamp": EPOCH}
        for at in range(count)
    ]


def head(project, *, turns, first_turn=0, **fields):
    """What the worker knows, without an open version."""
    heads().insert_one(
        {
            "_id": project["_id"], "project_id": project["id"], "user_id": project["user_id"],
            "seq": 1, "first_turn": first_turn, "turns": turns, "refs": [],
            "state": {"files": [], "metadata": None, "revision": 1}, **fields,
        }
    )  # fmt: skip


def page(client, project, rest="", status=200, **headers):
    answer = client.get(f"/projects/{project['id']}/replay/{rest}", **headers)
    assert answer.status_code == status
    return answer.content.decode()


def changed(path="a.ts", **more):
    return {"changes": [{"p": path, "st": "changed", "a": 1, "r": 1, **more}]}


@pytest.fixture
def project(make_project):
    """Turns 2 and 6 changed files, turn 4 did not; a person did after turn 4."""
    project = make_project(conversation_history=said(8))
    make_version(project, 1, {"a.ts": "let a = 1;\n"}, why="created")
    make_version(project, 2, {"a.ts": "let a = 2;\n"}, author=by_turn(1), turns=2, **changed())
    make_version(project, 3, {"a.ts": "let a = 3;\n"}, author=STAFF, turns=4, **changed())
    make_version(project, 4, {"a.ts": "let a = 4;\n"}, author=by_turn(5, "between"), turns=5,
                 **changed())  # fmt: skip
    make_version(project, 5, {"a.ts": "let a = 4;\n", "b.ts": "new\n"}, turns=6,
                 author=by_turn(5), **changed("b.ts"))  # fmt: skip
    head(project, turns=8)
    return project


def test_a_turn_shows_what_it_did_against_the_version_before(admin, project):
    html = page(admin, project, "?turn=2")
    assert "message 2." in html
    text = re.sub(r"<[^>]+>", "", html)
    assert "let a = 1;" in text
    assert "let a = 2;" in text
    assert "let a = 3;" not in text
    assert "in the same write as its answer" in html


def test_versions_of_one_turn_are_shown_together(admin, project):
    html = page(admin, project, "?turn=6")
    text = re.sub(r"<[^>]+>", "", html)
    assert "let a = 3;" in text
    assert "let a = 4;" in text
    assert "b.ts" in text
    assert "written between the message and the answer" in html
    assert "in the same write as its answer" in html


def test_without_a_turn_the_last_that_changed_files_is_shown(admin, project):
    assert 'data-replay-turn="6"' in page(admin, project)


def test_a_message_leads_to_its_answer(admin, project):
    assert re.search(r"\?turn=6[^>]*>.*?Answered in turn 6", page(admin, project, "?turn=5"))
    assert "Answered in turn" not in page(admin, project, "?turn=6")


def test_a_message_of_the_customer_is_never_said_to_have_changed_or_lost_anything(admin, project):
    versions().delete_many({"project_id": project["id"], "number": 2})
    html = page(admin, project, "?turn=1")
    assert "A message of the customer" in html
    assert "removed by retention" not in html


def test_what_others_did_after_a_turn_is_told(admin, project):
    assert re.search(r"others made\s+<a [^>]*>version 3</a>", page(admin, project, "?turn=4"))


def test_the_files_are_shown_as_they_were_after_the_turn(admin, project):
    def shown(turn: int) -> str:
        html = page(admin, project, f"?turn={turn}&show=files&file=a.ts")
        [line] = re.findall(r'class="line-text">(.*?)\n', html)
        return re.sub(r"<[^>]+>", "", line)

    assert [shown(turn) for turn in (1, 2, 3, 4, 5, 6, 7, 8)] == [
        "let a = 1;", "let a = 2;", "let a = 2;", "let a = 2;", "let a = 3;", "let a = 4;",
        "let a = 4;", "let a = 4;",
    ]  # fmt: skip
    assert "Not there at this point" in page(admin, project, "?turn=2&show=files&file=b.ts")


def test_steps_lead_to_the_turns_beside_and_to_those_that_changed_something(admin, project):
    html = page(admin, project, "?turn=4")
    steps = dict(re.findall(r'id="replay-(\w+)" href="[^"]*\?turn=(\d+)"', html))
    assert {name: steps[name] for name in ("first", "before", "after", "last")} == {
        "first": "2", "before": "3", "after": "5", "last": "6"
    }  # fmt: skip


def test_a_turn_that_changed_nothing_is_told_where_that_is_known(admin, project):
    assert "This turn changed no file." in page(admin, project, "?turn=4")
    assert "This turn changed no file." in page(admin, project, "?turn=8")


def test_a_turn_before_tracking_is_told(admin, make_project):
    project = make_project(conversation_history=said(8))
    make_version(project, 1, {"a.ts": "1"}, why="found", turns=4)
    head(project, turns=8, first_turn=4)
    assert "Tracking began at turn 5" in page(admin, project, "?turn=2")
    assert "This turn changed no file." in page(admin, project, "?turn=6")


def test_a_turn_whose_version_was_removed_is_never_said_to_have_changed_nothing(admin, project):
    versions().delete_many({"project_id": project["id"], "number": {"$in": [2]}})
    html = page(admin, project, "?turn=2")
    assert "Version 2 was removed by retention" in html
    assert "its version was among them" in html
    assert "changed no file" not in html
    assert "This turn changed no file." in page(admin, project, "?turn=8")


def test_a_gap_before_a_turns_version_is_told(admin, project):
    versions().delete_many({"project_id": project["id"], "number": {"$in": [2, 3]}})
    html = page(admin, project, "?turn=6")
    assert "Versions 2 to 3 were removed by retention" in html
    assert "may hold more than this turn" in html


def test_a_turn_the_worker_has_not_seen_is_told(admin, mongo, project):
    heads().update_one({"_id": project["_id"]}, {"$set": {"turns": 7}})
    assert "no worker follows" in page(admin, project, "?turn=8")
    until = clock.now() + timedelta(seconds=30)
    mongo.worker_state.insert_one({"_id": "versions", "lease_until": until})
    assert "the worker is behind" in page(admin, project, "?turn=8")


def test_a_project_the_worker_has_not_seen_is_told(admin, make_project):
    project = make_project(conversation_history=said(2))
    assert "Nothing is known of the files" in page(admin, project, "?turn=1")


def test_the_first_version_is_shown_by_its_files(admin, make_project):
    project = make_project(conversation_history=said(2))
    make_version(project, 1, {"a.ts": "1"}, author=by_turn(1), turns=2, **changed(st="added"))
    head(project, turns=2)
    html = page(admin, project, "?turn=2")
    assert "there is none to compare it with" in html
    assert "a.ts" in html


def test_the_open_version_of_a_turn_is_shown(admin, make_project):
    project = make_project(conversation_history=said(2))
    make_version(project, 1, {"a.ts": "1\n"})
    head(
        project, turns=2,
        open={"number": 2, "author": by_turn(1).stored(), "why": "", "saves": 1,
              "opened_at": EPOCH, "changed_at": EPOCH, "turns": 2},
    )  # fmt: skip
    html = page(admin, project, "?turn=2")
    assert "Being edited" in html
    assert 'class="history-number" href' in html


@pytest.mark.parametrize("rest", ["?turn=0", "?turn=x", "?turn=" + "9" * 30, "?show=all"])
def test_a_bad_address_is_refused(admin, project, rest):
    page(admin, project, rest, status=422)


def test_a_turn_beyond_the_end_is_the_last(admin, project):
    assert 'data-replay-turn="8"' in page(admin, project, "?turn=900")


def test_a_project_without_a_conversation_says_so(admin, make_project):
    assert "Nothing to replay" in page(admin, make_project())
    assert "Nothing to replay" in page(admin, make_project(conversation_history=5))


def test_htmx_gets_a_step_and_the_thread_only_when_it_moves(admin, make_project):
    project = make_project(conversation_history=said(60))
    head(project, turns=60)
    asked = {"HTTP_HX_REQUEST": "true"}
    answer = admin.get(f"/projects/{project['id']}/replay/?turn=31&start=20", **asked)
    assert 'id="turn-31"' not in answer.content.decode() or "replay-thread" in str(answer.content)
    assert answer["HX-Push-Url"].endswith("/replay/?turn=31")
    inside = admin.get(f"/projects/{project['id']}/replay/?turn=5&start=0", **asked)
    assert 'id="replay-thread"' not in inside.content.decode()
    outside = admin.get(f"/projects/{project['id']}/replay/?turn=5&start=40", **asked)
    assert 'id="turn-5"' in outside.content.decode()


def test_a_page_costs_the_same_in_a_long_conversation(admin, make_project):
    costs = set()
    for count in (10, 3000):
        project = make_project(conversation_history=said(count))
        make_version(project, 1, {"a.ts": "0"})
        for number in range(2, 6):
            turn = number * 2 - 1
            make_version(project, number, {"a.ts": str(number)}, author=by_turn(turn),
                         turns=turn + 1, **changed())  # fmt: skip
        head(project, turns=count)
        for turn in (4, 6):
            answer = admin.get(f"/projects/{project['id']}/replay/?turn={turn}")
            costs.add(re.search(r'mongo;desc="(\d+)"', answer["Server-Timing"])[1])
            assert len(answer.content) < 200_000
    assert len(costs) == 1
    assert int(costs.pop()) <= 11


def test_all_versions_are_seen_from_the_index_alone(mongo, project):
    found = versions().find({"project_id": project["id"]}, queries.AT_A_GLANCE).sort("number", -1)
    plan = found.explain()["executionStats"]
    assert plan["totalDocsExamined"] == 0


def test_odd_and_hostile_conversations_do_not_break_it(admin, make_project):
    odd = [5, None, {"role": 7}, {"content": ["x"]}, *({"role": "user", "content": text}
           for text in PAYLOADS[:12])]  # fmt: skip
    project = make_project(conversation_history=odd)
    make_version(project, 1, {"a": "x"})
    names = dict.fromkeys([text for text in PAYLOADS[:40] if text.strip()], "x")
    make_version(project, 2, names, author=by_turn(3), turns=4, name=PAYLOADS[5])
    head(project, turns=len(odd))
    for turn in range(1, len(odd) + 1):
        for show in ("changes", "files"):
            html = page(admin, project, f"?turn={turn}&show={show}")
            assert "<script>alert" not in html
            assert "<img src=x onerror" not in html
