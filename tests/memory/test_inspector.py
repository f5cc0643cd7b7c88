"""What staff see of what is remembered of a customer, and what they decide about it."""

import json
import re
from typing import Any
from urllib.parse import quote

import pytest

from devora_admin.core import clock
from devora_admin.memory.documents import decisions, queue
from devora_admin.memory.indexing import work
from devora_admin.memory.store.models import Chunk
from tests.memory import rows
from tests.memory.deciding import HX, is_shown_what_was_decided, item_of, offered

pytestmark = pytest.mark.usefixtures("memory")


def texts(html: str) -> list[str]:
    return re.findall(r'<p class="memory-text memory-text-short[^>]*>([^<]*)', html)


def test_every_item_is_listed_with_its_source_and_found_by_kind_text_and_decision(
    client_for, remembered
):
    user_id, project_id = remembered
    viewer = client_for("viewer")
    url = f"/memory/customers/{user_id}/"
    html = viewer.get(url).content.decode()
    assert len(texts(html)) == Chunk.objects.filter(user_id=user_id).count() == 4
    assert f"/projects/{project_id}/conversation/?turn=1#turn-1" in html
    assert f"/projects/{project_id}/?file=a.ts#L1-L1" in html
    assert 'title="Pin"' not in html
    for given, count in (
        ("kind=conversation", 2), ("q=BASKET", 2), ("q=%25", 0), ("standing=pinned", 0),
        ("project=nope", 0), (f"project={project_id}&kind=code", 1),
    ):  # fmt: skip
        assert len(texts(viewer.get(f"{url}?{given}").content.decode())) == count, given
    for odd, said in (("kind=x", "no such kind"), ("cursor=x", "damaged"), ("q=%00", "Null")):
        assert said in viewer.get(f"{url}?{odd}").content.decode()
    assert viewer.get("/memory/customers/nobody/").status_code == 404


def test_pages_follow_one_another_and_leave_nothing_out(admin, make_customer):
    user_id = make_customer()["id"]
    rows.chunks([{"text": f"no. {n} ", "user_id": user_id} for n in range(70)])
    address, seen = f"/memory/customers/{user_id}/", []
    while address:
        html = admin.get(address).content.decode()
        seen.append(texts(html))
        older = re.search(r'rel="next" href="([^"]*)"', html)
        address = older[1].replace("&amp;", "&") if older else ""
    assert [len(page) for page in seen] == [30, 30, 10]
    assert [text for page in seen for text in page] == [f"no. {n} " for n in range(69, -1, -1)]
    newer = re.search(r'rel="prev" href="([^"]*)"', html)
    assert texts(admin.get(newer[1].replace("&amp;", "&")).content.decode()) == seen[1]


def test_an_item_tells_its_source_and_what_is_close_to_it_of_this_customer_alone(admin, remembered):
    user_id, _ = remembered
    mine = item_of(user_id, "basket filled")
    html = admin.get(f"/memory/customers/{user_id}/items/{mine}/", headers=HX).content.decode()
    for shown in ("hashing", "turn 2", "Of Ada", "Always use Tailwind"):
        assert shown in html
    assert "Other" not in html
    foreign = Chunk.objects.exclude(user_id=user_id).first().pk
    for wrong in (foreign, "x", "9" * 30, 0):
        assert admin.get(f"/memory/customers/{user_id}/items/{wrong}/").status_code == 404


def test_a_question_shows_what_it_would_recall_and_what_each_leg_gave(admin, remembered):
    user_id, _ = remembered
    url = f"/memory/customers/{user_id}/recall/"
    html = admin.get(url, {"q": "basket filled"}, headers=HX).content.decode()
    assert re.search(r"words: no\. 1, \+0\.\d{4} · basket, filled", html)
    assert re.search(r"meaning: no\. 1, \+0\.\d{4}", html)
    assert "Other" not in html
    assert "Type a question" in admin.get(url, {"q": " "}, headers=HX).content.decode()
    assert "only punctuation" in admin.get(url, {"q": "?!"}).content.decode()


def test_items_are_pinned_rejected_corrected_and_forgotten_on_record_and_undone(
    admin, client_for, remembered, mongo
):
    user_id, _ = remembered
    support, item = client_for("support"), item_of(user_id, "basket filled")
    url = f"/memory/customers/{user_id}/items/{item}/"

    def decide(action: str, expected: str = "", **data: str) -> Any:
        data["expected"] = expected
        return support.post(f"{url}{action}/", data, headers=HX)

    assert "Pinned" in decide("pin").content.decode()
    assert decide("reject").status_code == 409, "somebody pinned it meanwhile"
    assert "Rejected" in decide("reject", expected="pinned").content.decode()
    assert "Rejected" not in decide("release", expected="rejected").content.decode()
    answer = decide("forget")
    assert answer.content == b""
    assert not Chunk.objects.filter(user_id=user_id, text__contains="basket filled")
    row = mongo.audit_log.find_one({"action": "memory.correct", "after.standing": "forgotten"})
    assert f"/audit/{row['_id']}/undo/" in answer["HX-Trigger"]
    support.post(f"/audit/{row['_id']}/undo/", headers=HX)
    queue().update_many({}, {"$set": {"due_at": clock.now()}})
    work.index_some()
    item = item_of(user_id, "basket filled")
    url = f"/memory/customers/{user_id}/items/{item}/"
    assert "basket filled" in support.get(f"{url}correct/", headers=HX).content.decode()
    assert decide("correct", text=" ").status_code == 422
    assert decide("correct", text="The basket is empty.").status_code in (204, 302)
    assert item_of(user_id, "The basket is empty.")
    assert mongo.audit_log.count_documents({"action": "memory.correct"}) == 5


@pytest.mark.parametrize("query", ["?kind=conversation&q=basket", "?q=a%2520b%26c", ""])
def test_what_is_decided_and_undone_leaves_the_list_as_it_was(client_for, remembered, query):
    user_id, _ = remembered
    support, page = client_for("support"), f"/memory/customers/{user_id}/{query}"
    item = f"/memory/customers/{user_id}/items/{item_of(user_id, 'basket filled')}/"
    there = {**HX, "HX-Current-URL": f"http://testserver{page}"}
    pinned = support.post(f"{item}pin/", headers=there)
    undone = support.post(offered(pinned), headers=there)
    assert undone["HX-Refresh"] == "true", "read anew where it is, scrolled as it is"
    without_htmx = support.post(f"{item}pin/", {"next": page})
    assert without_htmx["Location"] == page
    assert support.post(offered(without_htmx))["Location"] == page
    corrected = support.post(f"{item}correct/?next={quote(page)}", {"text": "It is empty."})
    assert corrected["Location"] == page
    assert support.post(offered(corrected))["Location"] == page


def test_a_decision_leads_to_no_other_site(client_for, remembered):
    user_id, _ = remembered
    support, page = client_for("support"), f"/memory/customers/{user_id}/"
    pin = f"{page}items/{item_of(user_id, 'basket filled')}/pin/"
    assert support.post(pin, {"next": "//evil.example/"})["Location"] == page


def follow() -> None:
    queue().update_many({}, {"$set": {"due_at": clock.now()}})
    while work.index_some() == 0.0:
        pass


def decided(client: Any, user_id: str, about: str, action: str, **data: str) -> Any:
    url = f"/memory/customers/{user_id}/items/{item_of(user_id, about)}/{action}/"
    return client.post(url, {"expected": "", **data}, headers=HX)


def taking_back(html: str) -> str:
    return re.search(r'hx-post="([^"]*/decisions/[^"]*)"', html)[1]


def test_what_was_corrected_is_told_from_what_was_said_and_is_taken_back(client_for, remembered):
    user_id, _ = remembered
    support, page = client_for("support"), f"/memory/customers/{user_id}/"
    html = support.get(page).content.decode()
    in_order = texts(html)
    assert "/decisions/" not in html
    decided(support, user_id, "basket filled", "correct", text="The basket is empty.")
    changed = [t.replace("Where is the basket filled?", "The basket is empty.") for t in in_order]
    assert texts(support.get(page).content.decode()) == changed, "each in its place"
    html = support.get(f"{page}?standing=corrected").content.decode()
    assert texts(html) == ["The basket is empty."]
    assert ">Corrected</span>" in html
    details = f"{page}items/{item_of(user_id, 'basket is empty')}/"
    assert "Where is the basket filled?" in support.get(details, headers=HX).content.decode()
    back = support.post(taking_back(html), {"expected": "corrected"}, headers=HX)
    assert texts(back.content.decode()) == ["Where is the basket filled?"]
    assert ">Corrected</span>" not in back.content.decode()
    assert texts(support.get(page).content.decode()) == in_order
    support.post(offered(back), headers=HX)
    assert texts(support.get(f"{page}?standing=corrected").content.decode()) == [
        "The basket is empty."
    ], "what took the correction back is undone as well"


def test_a_correction_of_a_correction_leads_back_step_by_step(client_for, remembered):
    user_id, _ = remembered
    support, page = client_for("support"), f"/memory/customers/{user_id}/"
    for before, after in (("basket filled", "Basket two"), ("Basket two", "Basket three")):
        decided(support, user_id, before, "correct", text=after)
    for before in ("Basket two", "Where is the basket filled?"):
        html = support.get(f"{page}?standing=corrected").content.decode()
        details = f"{page}items/{item_of(user_id, texts(html)[0])}/"
        assert before in support.get(details, headers=HX).content.decode()
        support.post(taking_back(html), {"expected": "corrected"}, headers=HX)
    assert not decisions().count_documents({})
    assert item_of(user_id, "Where is the basket filled?")


def test_what_was_forgotten_is_listed_without_its_text_and_can_be_remembered_again(
    client_for, remembered
):
    user_id, _ = remembered
    support, page = client_for("support", name="Sam"), f"/memory/customers/{user_id}/"
    decided(support, user_id, "basket filled", "forget")
    decided(support, user_id, "export const basket", "forget")
    listed = f"{page}?standing=forgotten"
    html = support.get(listed).content.decode()
    assert "A remembered message" in html
    assert "Remembered code of a.ts" in html
    assert "by Sam" in html
    assert "Of Ada" in html
    assert "basket filled" not in html
    assert "A remembered message" not in support.get(f"{listed}&kind=code").content.decode()
    assert "Nothing fits" in support.get(f"{listed}&q=b.ts").content.decode()
    only_message = support.get(f"{listed}&kind=conversation").content.decode()
    assert support.post(taking_back(only_message), {"expected": ""}).status_code == 409
    back = support.post(taking_back(only_message), {"expected": "forgotten"}, headers=HX)
    assert back.content == b""
    follow()
    assert item_of(user_id, "basket filled")
    assert "A remembered message" not in support.get(listed).content.decode()
    for unknown in ("00", "x"):
        url = f"{page}decisions/{unknown}/release/"
        assert support.post(url, {"expected": "forgotten"}).status_code == 404
    viewer = client_for("viewer").get(listed).content.decode()
    assert "Remembered code of a.ts" in viewer
    assert "/decisions/" not in viewer


def test_the_timeline_of_a_customer_names_what_was_decided_about(client_for, remembered):
    user_id, _ = remembered
    support = client_for("support")
    decided(support, user_id, "basket filled", "forget")
    decided(support, user_id, "export const basket", "reject")
    html = support.get(f"/users/{user_id}/timeline/", headers=HX).content.decode()
    for said in ("Forgot a remembered message", "Rejected remembered code of a.ts"):
        assert said in html, said


def test_who_was_late_is_shown_what_the_other_decided_once(client_for, remembered):
    user_id, _ = remembered
    support, url = client_for("support"), f"/memory/customers/{user_id}"
    item = f"{url}/items/{item_of(user_id, 'basket filled')}"
    support.post(f"{item}/pin/", headers=HX)
    is_shown_what_was_decided(support, f"{item}/reject/", {})
    support.post(f"{item}/forget/", {"expected": "pinned"}, headers=HX)
    gone = support.post(f"{item}/pin/", {"expected": "pinned"}, headers=HX)
    assert (gone.status_code, gone.content) == (404, b"")
    assert "toast" in gone["HX-Trigger"]


def test_without_javascript_the_page_says_what_was_done_and_offers_to_undo_it(
    client_for, remembered
):
    user_id, _ = remembered
    support, page = client_for("support"), f"/memory/customers/{user_id}/?kind=conversation"
    pin = f"/memory/customers/{user_id}/items/{item_of(user_id, 'basket filled')}/pin/"
    done = support.post(pin, {"next": page}, follow=True)
    said = re.search(r"<noscript>(.*?)</noscript>", done.content.decode(), re.DOTALL)[1]
    assert "Pinned: it is recalled before others" in said
    undo_url = re.search(r'action="([^"]+)"', said)[1].replace("&amp;", "&")
    assert "recalled before others" not in support.get("/users/").content.decode()
    undone = support.post(undo_url, follow=True)
    assert undone.request["QUERY_STRING"] == "kind=conversation"
    assert "Undone" in undone.content.decode()
    assert not decisions().count_documents({})


@pytest.mark.parametrize("odd", ["x", "[1]", "{}", '{"at": 1}', "[" * 2000])
def test_a_toast_that_nobody_sent_is_not_shown(client_for, remembered, odd):
    viewer, page = client_for("viewer"), f"/memory/customers/{remembered[0]}/"
    viewer.cookies["toast"] = quote(odd)
    assert 'class="alert' not in viewer.get(page).content.decode()
    evil = {"at": page, "message": "<b>Hi", "level": "success", "undo": "//evil.example/"}
    viewer.cookies["toast"] = quote(json.dumps(evil))
    html = viewer.get(page).content.decode()
    assert "&lt;b&gt;Hi" in html
    assert "evil.example" not in html
