"""A real browser for the pictures and for figures that only a browser can tell."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from django.conf import settings

if TYPE_CHECKING:
    from playwright.sync_api import Page, ViewportSize

SIZE: "ViewportSize" = {"width": 1280, "height": 800}
FLAGS = ["--disable-gpu", "--disable-background-networking", "--disable-dev-shm-usage"]
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


class NoBrowser(Exception):
    """The message says what is missing."""


class Pages:
    """Opens signed-in pages, each with a cache of its own."""

    def __init__(self, browser: Any, origin: str, session_cookie: str) -> None:
        self._browser = browser
        self._session_cookie = session_cookie
        self.origin = origin

    @contextmanager
    def page(self, *, dark: bool = False) -> Iterator["Page"]:
        context = self._browser.new_context(
            viewport=SIZE, color_scheme="dark" if dark else "light", reduced_motion="reduce"
        )
        cookie = {"name": settings.SESSION_COOKIE_NAME, "value": self._session_cookie}
        context.add_cookies([{**cookie, "url": self.origin}])
        try:
            yield context.new_page()
        finally:
            context.close()


@contextmanager
def browsing(port: int, session_cookie: str) -> Iterator[Pages]:
    """Open no database inside: Playwright runs a loop in this thread, which Django refuses.

    Raises NoBrowser.
    """
    try:
        from playwright.sync_api import sync_playwright
    except ImportError as error:
        raise NoBrowser('Playwright is missing: pip install -e ".[test]".') from error
    program = next((found for name in NAMES if (found := shutil.which(name))), None)
    if program is None:
        raise NoBrowser("No Chromium was found on this machine.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=program, chromium_sandbox=False, args=FLAGS
        )
        try:
            yield Pages(browser, f"http://127.0.0.1:{port}", session_cookie)
        finally:
            browser.close()
