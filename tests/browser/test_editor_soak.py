"""One long sitting in which everything goes wrong in turn: every word typed arrives, once."""

import random
import re
import threading
import time
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.editing import PATH, expect_typing_goes_to_the_file, open_file, state

ROUNDS = 12


@pytest.mark.timeout(300)
def test_no_word_is_lost_while_others_write_and_the_server_comes_and_goes(
    page_as, make_project, mongo, live
):
    chance = random.Random(7)
    start = "\n".join(f"line {number}" for number in range(30)) + "\n"
    project = make_project(files=[{"name": PATH, "content": start}])
    page = page_as("editor", expect=("status of 409", "ERR_", "status of 503"))
    page.on("dialog", lambda dialog: dialog.accept())
    open_file(page, project)
    stop = threading.Event()
    theirs: list[str] = []

    def platform() -> None:
        """Puts words at the top, over nobody's work, and leaves the revision alone."""
        while not stop.wait(chance.uniform(0.2, 0.9)):
            content = mongo.projects.find_one({"id": project["id"]})["files"][0]["content"]
            word = f"their{len(theirs):03}"
            done = mongo.projects.update_one(
                {"id": project["id"], "files": {"$elemMatch": {"name": PATH, "content": content}}},
                {"$set": {"files.$.content": f"{word}\n{content}"}},
            )
            if done.matched_count:
                theirs.append(word)

    writer = threading.Thread(target=platform)
    writer.start()
    mine: list[str] = []
    trouble: Any = None
    try:
        for number in range(ROUNDS):
            page.locator("[data-monaco]").click(position={"x": 300, "y": 60})
            expect_typing_goes_to_the_file(page)
            page.keyboard.press("Control+End")
            word = f"mine{number:03}"
            page.keyboard.type(f"{word}\n", delay=chance.choice([0, 15, 40]))
            mine.append(word)
            trouble = chance.choice(["wait", "wait", "reload", "restart", "save", "hang"])
            if trouble == "wait":
                page.wait_for_timeout(chance.randint(0, 2500))
            elif trouble == "save":
                page.keyboard.press("Control+S")
            elif trouble == "reload":
                page.wait_for_timeout(chance.randint(0, 600))
                page.reload()
                page.wait_for_selector("[data-editor][data-ready]")
                expect(page.locator("[data-monaco] .view-lines")).to_be_visible()
                page.wait_for_timeout(400)
            elif trouble == "restart":
                live.stop()
                live.start()
            else:
                live.pause()
                page.wait_for_timeout(600)
                live.resume()
    finally:
        stop.set()
        writer.join()

    def arrived() -> list[str]:
        content = mongo.projects.find_one({"id": project["id"]})["files"][0]["content"]
        return re.findall(r"mine\d+", content)

    deadline = time.monotonic() + 30
    while arrived() != mine and time.monotonic() < deadline:
        page.wait_for_timeout(100)
    assert arrived() == mine
    content = mongo.projects.find_one({"id": project["id"]})["files"][0]["content"]
    assert re.findall(r"their\d+", content) == theirs[::-1]
    assert content.count("line ") == 30
    state(page).to_have_text("Saved")
