"""The conversation as a thread: paging, searching, safe markdown, odd messages."""

import io
import re
from datetime import UTC, datetime
from typing import Any

import pytest
from django.core.management import call_command

from devora_admin.core import markup


def said(at: int, text: str = "", role: str = "user") -> dict[str, Any]:
    return {
        "role": role,
        "content": text or f"message-{at}.",
        "timestamp": datetime(2026, 1, 1, tzinfo=UTC),
    }


def url(project: dict[str, Any], rest: str = "") -> str:
    return f"/projects/{project['id']}/conversation/{rest}"


def numbers(answer: Any) -> list[int]:
    return [int(found) for found in re.findall(r'id="turn-(\d+)"', answer.content.decode())]


@pytest.fixture
def long(make_project):
    return make_project(conversation_history=[said(at) for at in range(1, 51)])


def test_the_newest_turns_are_shown_first_and_earlier_ones_on_demand(admin, long):
    assert numbers(admin.get(url(long))) == list(range(31, 51))
    assert numbers(admin.get(url(long, "?before=30"))) == list(range(11, 31))
    last = admin.get(url(long, "?before=10"))
    assert numbers(last) == list(range(1, 11))
    assert "Load earlier" not in last.content.decode()


def test_a_message_appended_meanwhile_moves_no_page(admin, mongo, long):
    mongo.projects.update_one({"id": long["id"]}, {"$push": {"conversation_history": said(51)}})
    assert numbers(admin.get(url(long, "?before=30"))) == list(range(11, 31))


def test_htmx_gets_the_turns_alone(admin, long):
    answer = admin.get(url(long, "?before=30&grow=earlier"), HTTP_HX_REQUEST="true")
    assert "<html" not in answer.content.decode()
    assert numbers(answer) == list(range(11, 31))


def test_a_link_to_a_turn_shows_its_surroundings(admin, long):
    answer = admin.get(url(long, "?turn=5"))
    assert 5 in numbers(answer)
    assert "is-aim" in answer.content.decode()
    assert "Load later" in answer.content.decode()
    assert 50 in numbers(admin.get(url(long, "?turn=999")))


@pytest.mark.parametrize(
    "query", ["before=x", "before=0", "before=-1", "turn=1e9", "before=" + "9" * 40]
)
def test_a_bad_number_is_refused(admin, long, query):
    assert admin.get(url(long, f"?{query}")).status_code == 422


def test_only_one_page_of_messages_leaves_the_store(admin, make_project):
    project = make_project(conversation_history=[said(at, "x" * 50_000) for at in range(200)])
    answer = admin.get(url(project))
    assert answer.status_code == 200
    assert 'mongo;desc="5"' in answer["Server-Timing"]


def test_searching_finds_turns_and_links_to_them(admin, make_project):
    project = make_project(
        conversation_history=[said(1, "Add a Login page"), said(2, "a.*b"), said(3, "<login>")]
    )
    html = admin.get(url(project, "search/?q=login")).content.decode()
    assert "2 turns" in html
    assert "<mark>Login</mark>" in html
    assert "&lt;<mark>login</mark>&gt;" in html
    assert "?turn=3#turn-3" in html
    assert "1 turn with" in admin.get(url(project, "search/?q=.*")).content.decode()
    assert "Nothing found" in admin.get(url(project, "search/?q=(")).content.decode()


@pytest.mark.parametrize("query", ["q=" + "x" * 201, "q=%00"])
def test_a_search_that_cannot_be_is_refused_with_the_page(admin, make_project, query):
    answer = admin.get(url(make_project(), f"search/?{query}"))
    assert answer.status_code == 422
    assert "200 characters" in answer.content.decode()


def test_the_old_collection_is_read_when_the_project_has_no_history(admin, mongo, make_project):
    project = make_project(missing=("conversation_history",))
    for part in (range(1, 16), range(16, 31)):
        mongo.conversations.insert_one(
            {
                "user_id": "user-1",
                "project_id": project["id"],
                "messages": [said(at) for at in part],
            }
        )
    answer = admin.get(url(project))
    assert numbers(answer) == list(range(11, 31))
    assert "deprecated" in answer.content.decode()
    assert numbers(admin.get(url(project, "?before=10"))) == list(range(1, 11))
    assert "?turn=17#turn-17" in admin.get(url(project, "search/?q=message-17.")).content.decode()
    assert "message-3." in admin.get(url(project, "3/")).content.decode()


@pytest.fixture
def spread(mongo, make_customer, make_project):
    """Turns 1 to 60: archived to 22, old ones to 45, and the project's own."""
    owner = make_customer()["id"]
    turns = [said(at) for at in range(1, 61)]
    project = make_project(user_id=owner, conversation_history=turns[45:])
    theirs = {"project_id": project["id"], "user_id": owner}
    part = {**theirs, "part": 0, "first": 0, "count": 22, "messages": turns[:22]}
    mongo.conversation_archive.insert_one(part)
    mongo.conversations.insert_many(
        [{**theirs, "messages": turns[22:30]}, {**theirs, "messages": turns[30:45]}]
    )
    return project


def test_all_parts_of_a_conversation_are_one_thread(admin, spread):
    answer = admin.get(url(spread))
    assert numbers(answer) == list(range(41, 61))
    assert "of 60<" in answer.content.decode()
    assert numbers(admin.get(url(spread, "?before=40"))) == list(range(21, 41))
    assert numbers(admin.get(url(spread, "?before=20"))) == list(range(1, 21))
    assert 22 in numbers(admin.get(url(spread, "?turn=22")))
    for number in (1, 22, 23, 30, 31, 45, 46, 60):
        assert f"message-{number}." in admin.get(url(spread, f"{number}/")).content.decode()
    html = admin.get(url(spread, "search/?q=message-")).content.decode()
    assert "60 turns" in html
    assert "?turn=23#turn-23" in html


def test_a_page_across_the_parts_takes_no_more_round_trips(admin, spread):
    for query in ("", "?before=40", "?before=20"):
        assert 'mongo;desc="5"' in admin.get(url(spread, query))["Server-Timing"]


def test_the_tab_counts_the_whole_thread(admin, spread):
    for page in ("", "metadata/", "conversation/"):
        html = admin.get(f"/projects/{spread['id']}/{page}").content.decode()
        tab = re.search(r"Conversation\s*<span[^>]*>([^<]*)</span>", html)
        assert tab, page
        assert tab[1].strip() == "60"


def test_no_page_changes_when_the_old_messages_are_moved(admin, mongo, spread):
    def seen() -> list[list[int]]:
        return [numbers(admin.get(url(spread, query))) for query in ("", "?before=40", "?turn=22")]

    before = seen()
    call_command("migrate_conversations", stdout=io.StringIO())
    assert seen() == before
    assert "deprecated" not in admin.get(url(spread)).content.decode()
    assert mongo.conversations.count_documents({}) == 2


@pytest.mark.parametrize(
    ("message", "fault"),
    [("text", "not an object"), (None, "not an object"), ({}, "role is missing"),
     ({"role": 5, "content": "x"}, "role is not text"), ({"role": "user"}, "content is missing"),
     ({"role": "user", "content": [{"type": "text", "text": "hey"}]}, "content is not text"),
     ({"role": "user", "content": "x", "timestamp": "soon"}, "not a time"),
     ({"role": "user", "content": "x", "timestamp": 5}, "not a date")],
)  # fmt: skip
def test_a_malformed_message_is_shown_with_its_fault_among_the_others(
    admin, make_project, message, fault
):
    project = make_project(conversation_history=[said(1), message, said(3)])
    html = admin.get(url(project)).content.decode()
    assert fault in html
    assert "message-1." in html
    assert "message-3." in html


def test_a_very_long_message_is_cut_and_shown_whole_on_demand(admin, make_project):
    project = make_project(conversation_history=[said(1, "word " * 5000 + "the-end")])
    html = admin.get(url(project)).content.decode()
    assert "the-end" not in html
    assert "Show all 25,007 characters" in html
    assert "the-end" in admin.get(url(project, "1/")).content.decode()
    assert admin.get(url(project, "2/")).status_code == 404


@pytest.mark.parametrize(
    "text",
    ["<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "[a](javascript:alert(1))",
     "[a](data:text/html,x)", "![a](https://evil.example/x.png)", "<style>a{}</style>",
     "```\"><script>x</script>\nx\n```", "<a href=x onclick=y>", "<svg/onload=x>",
     "[a](https://x.example \"\\\"><script>\")"],
)  # fmt: skip
def test_markdown_never_becomes_html_that_harms(text):
    html = markup.markdown(text)
    tags = re.findall(r"<(\w+)([^>]*)>", html)
    assert not {name for name, _ in tags} & {"script", "img", "style", "svg", "iframe"}
    assert not [rest for _, rest in tags if re.search(r"\son\w+=|javascript:|data:", rest)]


def test_links_open_apart_and_tell_nothing_and_images_are_links():
    html = markup.markdown("[a](https://x.example) ![pic](https://y.example/z.png)")
    assert html.count('rel="noopener nofollow noreferrer"') == 2
    assert html.count('target="_blank"') == 2
    assert ">pic</a>" in html


def test_code_in_a_message_is_coloured_by_class():
    html = markup.markdown("```ts\nconst a = 1 < 2;\n```")
    assert '<span class="kd">const</span>' in html
    assert "style=" not in html


@pytest.mark.parametrize("number", ["21", str(2**31), str(2**40), str(2**63), "9" * 30])
def test_a_turn_beyond_the_end_is_not_found(admin, make_project, number):
    project = make_project(conversation_history=[said(1)])
    assert admin.get(url(project, f"{number}/")).status_code == 404


def test_a_huge_turn_is_shown_as_it_is_instead_of_being_formatted(admin, make_project):
    text = "**<b>** [a][\n" * 100_000
    project = make_project(conversation_history=[said(1, text)])
    html = admin.get(url(project, "1/")).content.decode()
    assert html.count("**&lt;b&gt;** [a][") == 100_000


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "America/New_York", "UTC"])
@pytest.mark.parametrize(
    "stamp",
    [
        datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC),
        datetime(1, 1, 1, tzinfo=UTC),
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-12:00",
    ],
)
def test_a_time_at_the_end_of_the_calendar_is_shown_in_any_zone(
    admin, make_project, make_customer, settings, zone, stamp
):
    settings.TIME_ZONE = zone
    project = make_project(conversation_history=[{**said(1), "timestamp": stamp}])
    assert admin.get(url(project)).status_code == 200
    customer = make_customer(subscription={"current_period_end": stamp}, created_at=stamp)
    assert admin.get(f"/users/{customer['id']}/").status_code == 200
