"""What staff see of a customer's memory, and what they decide about it."""

import json
import re
from typing import Any
from urllib.parse import quote, unquote, urlencode

import pytest

from devora_admin.core import clock
from devora_admin.memory.documents import decisions, queue
from devora_admin.memory.indexing import models, vectors, work
from devora_admin.memory.store.models import Chunk
from tests.memory import rows

pytestmark = pytest.mark.usefixtures("memory")
SAID = ("Always use Tailwind, please.", "Where is the basket filled?")
HX = {"HX-Request": "true"}


@pytest.fixture
def remembered(hashing: Any, make_customer: Any, make_project: Any) -> Any:
    """A customer with a project that was read; and another one's, in the same words."""
    found = []
    for name in ("Ada", "Other"):
        customer = make_customer(name=name)
        talk = [{"role": "user", "content": text, "timestamp": clock.now()} for text in SAID]
        files = [{"name": "a.ts", "content": f"export const basket = '{name}'\n", "language": "ts"}]
        project = make_project(
            user_id=customer["id"], name=f"Of {name}", conversation_history=talk, files=files
        )
        models.ensure_active(hashing)
        work.index_document("projects", project["_id"])
        found.append((customer["id"], project["id"]))
    while vectors.embed_some():
        pass
    return found[0]


def texts(html: str) -> list[str]:
    return re.findall(r'<p class="memory-text memory-text-short[^>]*>([^<]*)', html)


def item_of(user_id: str, text: str) -> int:
    return Chunk.objects.get(user_id=user_id, text__contains=text).pk


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


def test_preferences_stand_with_their_reasons_and_staff_have_the_last_word(
    admin, client_for, remembered
):
    user_id, project_id = remembered
    url, which = f"/memory/customers/{user_id}/preferences/", {"topic": "css", "value": "tailwind"}
    html = client_for("viewer").get(url, headers=HX).content.decode()
    assert "Always use Tailwind, please." in html
    assert f"/projects/{project_id}/conversation/?turn=1#turn-1" in html
    assert "<form" not in html
    support = client_for("support")
    html = support.post(f"{url}pin/", {**which, "expected": ""}, headers=HX).content.decode()
    assert "Pinned" in html
    assert support.post(f"{url}reject/", {**which, "expected": ""}, headers=HX).status_code == 409
    html = support.post(
        f"{url}release/", {**which, "expected": "pinned"}, headers=HX
    ).content.decode()
    assert "Pinned" not in html
    correct = f"{url}correct/?topic=css&value=tailwind&expected="
    assert "bootstrap" in support.get(correct, headers=HX).content.decode()
    assert support.post(correct, {"correction": "tailwind"}).status_code == 422
    assert support.post(correct, {"correction": "bootstrap"}).status_code == 302
    html = support.get(url).content.decode()
    assert "Corrected" in html
    assert "Rejected" in html
    assert decisions().count_documents({"user_id": user_id}) == 1
    for wrong in ({"topic": "css"}, {"topic": "x", "value": "y"}, {}):
        assert support.post(f"{url}pin/", wrong).status_code == 422
    assert support.get(f"{url}correct/").status_code == 422


def test_who_views_as_the_customer_is_not_shown_what_is_remembered(admin, remembered):
    user_id, _ = remembered
    page = f"/users/{user_id}/"
    assert f"/memory/customers/{user_id}/preferences/" in admin.get(page).content.decode()
    admin.post(f"{page}as/start/", {"minutes": "5", "reason": "To see what they see"})
    html = admin.get(page).content.decode()
    assert "is not shown while you view as" in html
    assert f"/memory/customers/{user_id}/preferences/" not in html


def offered(answer: Any) -> str:
    """The address that the toast of an answer offers for its undo."""
    cookie = answer.cookies.get("toast")
    told = json.loads(unquote(cookie.value)) if cookie else json.loads(answer["HX-Trigger"])
    return str(told.get("toast", told)["undo"])


@pytest.mark.parametrize("query", ["?kind=conversation&q=basket", "?q=a%2520b%26c", ""])
def test_what_is_decided_and_undone_leaves_the_list_as_it_was(client_for, remembered, query):
    user_id, _ = remembered
    support, page = client_for("support"), f"/memory/customers/{user_id}/{query}"
    item = f"/memory/customers/{user_id}/items/{item_of(user_id, 'basket filled')}/"
    there = {**HX, "HX-Current-URL": f"http://testserver{page}"}
    preference = f"/memory/customers/{user_id}/preferences/pin/"
    which = {"topic": "css", "value": "tailwind"}
    for url, data in ((f"{item}pin/", {}), (preference, which)):
        pinned = support.post(url, data, headers=there)
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
    which = {"topic": "css", "value": "tailwind", "expected": ""}
    preferences = f"/memory/customers/{user_id}/preferences/"
    pinned = support.post(f"{preferences}pin/", which, headers=HX)
    support.post(offered(pinned), headers=HX)
    support.post(f"{preferences}correct/?{urlencode(which)}", {"correction": "bootstrap"})
    bootstrap = {"topic": "css", "value": "bootstrap", "expected": "corrected"}
    support.post(f"{preferences}release/", bootstrap, headers=HX)
    decided(support, user_id, "basket filled", "forget")
    decided(support, user_id, "export const basket", "reject")
    html = support.get(f"/users/{user_id}/timeline/", headers=HX).content.decode()
    for said in (
        "Pinned css: tailwind", "Undid: pinned css: tailwind",
        "Corrected css: tailwind, to bootstrap", "Took back: corrected css: tailwind",
        "Forgot a remembered message", "Rejected remembered code of a.ts",
    ):  # fmt: skip
        assert said in html, said


def test_who_was_late_is_shown_what_the_other_decided_once(client_for, remembered):
    user_id, _ = remembered
    support, url = client_for("support"), f"/memory/customers/{user_id}"
    item = f"{url}/items/{item_of(user_id, 'basket filled')}"
    which = {"topic": "css", "value": "tailwind", "expected": ""}
    for pin, reject, data in (
        (f"{item}/pin/", f"{item}/reject/", {}),
        (f"{url}/preferences/pin/", f"{url}/preferences/reject/", which),
    ):
        support.post(pin, data, headers=HX)
        late = support.post(reject, data, headers=HX)
        assert late.status_code == 409
        assert ">Pinned</span>" in late.content.decode()
        told = json.loads(late["HX-Trigger"])["toast"]
        assert told["message"] == "Somebody decided about this meanwhile. Look at it again."
        assert support.post(reject, data).status_code == 409, "a page of its own without htmx"
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
