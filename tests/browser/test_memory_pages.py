"""Memory by hand: searching with the keyboard, a customer's memory, what loads after a page."""

import re
from typing import Any

import pytest
from playwright.sync_api import expect

from devora_admin.core import clock
from devora_admin.memory.indexing import work
from tests.browser.conftest import PHONE, every_look

pytestmark = pytest.mark.usefixtures("memory")
LONG = "The basket " + "stays empty " * 90
CODE = "\n" * 40 + "export function fillBasket(item) {\n  basket.push(item)\n}\n" + "\n" * 40
ROOM_LEFT = """each => {
  const style = getComputedStyle(each), pen = document.createElement("canvas").getContext("2d");
  pen.font = style.font;
  const around = parseFloat(style.paddingLeft) + parseFloat(style.paddingRight);
  return each.clientWidth - around - pen.measureText(each.placeholder).width;
}"""
"""Of a field beside its placeholder, in pixels."""


@pytest.fixture
def remembered(make_customer: Any, make_project: Any) -> dict[str, Any]:
    customer = make_customer(id="ada", name="Ada Lovelace")
    found = []
    for name in ("Tea shop", "Coffee shop"):
        talk = [
            {"role": "user", "content": text, "timestamp": clock.now()}
            for text in (
                "Always use Tailwind. Don't use Redux.",
                LONG,
            )
        ]
        files = [
            {"name": "src/very/deep/in/the/tree/basket.ts", "content": CODE, "language": "ts"},
            {"name": "package.json", "content": '{"dependencies": {"next": "15"}}'},
        ]
        project = make_project(
            user_id="ada", name=name, files=files, conversation_history=talk,
            description="Sells things to drink.",
        )  # fmt: skip
        work.index_document("projects", project["_id"])
        found.append(project)
    return {"customer": customer, "project": found[0]}


def fits(page: Any) -> bool:
    return page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@every_look
def test_every_page_of_memory_is_accessible_and_fits(page_as, axe, remembered, size, theme):
    page = page_as("editor", size=size, theme=theme)
    project = f"/projects/{remembered['project']['id']}/"
    for address, shown in (
        ("/memory/", "Keeping up"),
        ("/memory/search/", "Find it by describing it"),
        ("/memory/search/?q=fillBasket", "basket.ts"),
        ("/memory/search/?q=nothing-like-it&language=go&customer=ada", "Nothing found"),
        ("/memory/customers/ada/", "tailwind"),
        ("/memory/customers/ada/recall/?q=basket", "words: no. 1"),
        (project, "Both have"),
        ("/users/ada/", "tailwind"),
    ):
        page.goto(address)
        expect(page.get_by_text(shown).first).to_be_visible()
        axe(page)
        assert fits(page), address


def test_a_search_by_keyboard_ends_at_the_marked_lines(page_as, remembered):
    page = page_as("viewer")
    page.goto("/memory/")
    page.keyboard.press("g")
    page.keyboard.press("m")
    page.get_by_role("link", name="Search", exact=True).click()
    expect(page.locator("#memory-q")).to_be_focused()
    page.keyboard.type("where does fillBasket put an item?")
    page.keyboard.press("Enter")
    expect(page.locator(".memory-hit").first).to_contain_text("basket.push(item)")
    expect(page).to_have_url(re.compile("q=where.*fillBasket"))
    page.keyboard.press("ArrowDown")
    expect(page.locator(".memory-hit").first).to_have_class(re.compile("is-current"))
    page.keyboard.press("/")
    expect(page.locator("#memory-q")).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("j")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"file=src%2Fvery.*#L41-L\d+$"))
    expect(page.locator("#L41")).to_be_in_viewport()
    expect(page.locator("#L42")).to_have_class(re.compile("is-chosen"))
    expect(page.locator("#L40")).not_to_have_class(re.compile("is-chosen"))
    page.get_by_role("link", name="Open in editor").click()
    expect(page.locator(".monaco-editor .view-lines")).to_contain_text("fillBasket")


def test_staff_decide_in_place_and_take_it_back(page_as, axe, remembered):
    page = page_as("support")
    page.goto("/memory/customers/ada/?kind=conversation")
    item = page.locator(".memory-item").first
    item.get_by_role("button", name="Pin").click()
    expect(item.get_by_text("Pinned")).to_be_visible()
    expect(page.get_by_role("status").get_by_role("button", name="Undo")).to_be_visible()
    item.get_by_text("Source and neighbours").click()
    expect(item.get_by_text("Vector by")).to_be_visible()
    page.get_by_role("button", name="Reject redux").click()
    expect(page.locator(".memory-preference.is-rejected")).to_contain_text("redux")
    page.locator(".memory-why summary", has_text="tailwind").click()
    expect(page.get_by_text("Always use Tailwind.").last).to_be_visible()
    page.get_by_role("link", name="Correct tailwind").click()
    page.get_by_label("It should be").select_option("bootstrap")
    axe(page)
    page.get_by_role("button", name="Correct", exact=True).click()
    expect(page.locator(".memory-preference", has_text="bootstrap")).to_contain_text("Corrected")
    axe(page)


def test_a_question_that_is_too_long_is_told_before_and_after_it_is_sent(page_as):
    page = page_as("viewer", expect=("414",))
    page.goto("/memory/search/")
    box, said = page.locator("#memory-q"), "Too long: at most 800 characters"
    box.fill("カ" * 801)
    page.get_by_role("button", name="Search", exact=True).click()
    assert box.evaluate("each => each.validationMessage") == said
    assert page.url.endswith("/memory/search/")
    box.fill("カ" * 800)
    page.get_by_role("button", name="Search", exact=True).click()
    expect(page.get_by_text("Nothing found")).to_be_visible()
    page.locator(".memory-kinds a").first.evaluate(
        "each => { each.setAttribute('hx-get', '/memory/search/?q=' + 'x'.repeat(9000)); "
        "htmx.process(each) }"
    )
    page.locator(".memory-kinds a").first.click()
    expect(page.get_by_text("That is too long to be sent.")).to_be_visible()


def test_on_a_phone_nothing_is_cut_without_a_sign(page_as, remembered):
    page = page_as("editor", size=PHONE)
    page.goto("/memory/customers/ada/recall/?q=basket")
    inside = "each => each.getBoundingClientRect().left >= 0 && each.getBoundingClientRect().right"
    tab = page.locator(".page-tab[aria-current]")
    expect(tab).to_have_text("Memory")
    assert tab.evaluate(inside) <= PHONE[0]
    texts = page.locator(".memory-recalled .memory-hit-head > :not(.memory-rank)")
    column = page.locator(".memory-recalled .memory-text-short").first.evaluate(
        "each => each.getBoundingClientRect().left + parseFloat(getComputedStyle(each).paddingLeft)"
    )
    lefts = texts.evaluate_all("all => all.map((each) => each.getBoundingClientRect().left)")
    assert min(lefts) >= column - 1
    box = page.get_by_role("textbox", name="A question")
    box.fill("")
    shown = box.evaluate(ROOM_LEFT)
    assert shown >= 0
    page.goto("/memory/customers/ada/")
    for chip in page.locator(".kind-chip").all():
        assert 0 < chip.evaluate(inside) <= PHONE[0]
