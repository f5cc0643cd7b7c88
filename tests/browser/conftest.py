"""A real server and a real browser. Any console error, policy violation or request to another
host fails the test that caused it."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request

from devora_admin.config.env import BASE_DIR
from tests.conftest import PASSWORD

# Playwright's synchronous API runs a loop in this thread, which Django would refuse.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
CHROMIUM = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
# Chromium's own pages behind its address bar, which nobody sees here, and a process kept ready for
# the next page: each window loaded both, which took more than half of what opening a page takes.
OFF = (
    "WebUIOmniboxPopup", "WebUIOmniboxAimPopup", "WebUIOmniboxFullPopup",
    "SpareRendererForSitePerProcess",
)  # fmt: skip
# The flag counts once, and ours comes after Playwright's.
OFF_BY_PLAYWRIGHT = (
    "AvoidUnnecessaryBeforeUnloadCheckSync", "DestroyProfileOnBrowserClose", "HttpsUpgrades",
    "HttpsFirstBalancedModeAutoEnable", "LensOverlay", "MediaRouter", "PaintHolding",
    "ThirdPartyStoragePartitioning", "AvoidCorsURLLoaderRestartOnRedirect", "OptimizationHints",
    "NetworkTimeServiceQuerying", "AimEnabled", "PreconnectToSearch",
)  # fmt: skip
WHY = "no Chromium here: install it, or set CHROMIUM to its program"
AXE_FILE = BASE_DIR / "static" / "node_modules" / "axe-core" / "axe.min.js"
PHONE, LAPTOP, DESKTOP = (390, 844), (1280, 800), (1920, 1080)
every_look = pytest.mark.parametrize(
    ("size", "theme"),
    [(PHONE, "light"), (LAPTOP, "dark"), (DESKTOP, "light")],
    ids=["phone light", "laptop dark", "desktop light"],
)
"""Each width and each theme: what a theme changes does not depend on the width."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here not in item.path.parents:
            continue
        item.add_marker(pytest.mark.browser)
        if CHROMIUM is None and os.environ.get("CI") != "true":
            item.add_marker(pytest.mark.skip(reason=WHY))


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    if CHROMIUM is None:
        pytest.fail(WHY)
    # Where the tests run as root the sandbox cannot start.
    flags = ["--disable-gpu", "--disable-background-networking", "--disable-dev-shm-usage"]
    flags.append(f"--disable-features={','.join((*OFF, *OFF_BY_PLAYWRIGHT))}")
    return {"executable_path": CHROMIUM, "chromium_sandbox": False, "args": flags}


class LiveServer:
    """gunicorn in processes of its own, over the database of this test process."""

    def __init__(self) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        # The same server under the name that passkeys can be bound to.
        self.names = (self.url, f"http://localhost:{self.port}")
        self.start()

    def start(self) -> None:
        command = [
            sys.executable, "-m", "gunicorn", "devora_admin.config.wsgi:application",
            "--bind", f"127.0.0.1:{self.port}", "--worker-class", "gthread", "--threads", "8",
            "--config", "python:devora_admin.config.gunicorn", "--workers", "1",
            "--graceful-timeout", "2", "--no-control-socket",
        ]  # fmt: skip
        environment = {**os.environ, "DB_NAME": settings.MONGO_DB_NAME, "DEBUG": "0"}
        self.process = subprocess.Popen(
            command,
            cwd=BASE_DIR,
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        self._wait()

    def _wait(self) -> None:
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            assert self.process.poll() is None, "gunicorn ended: run it by hand to see why"
            try:
                urllib.request.urlopen(f"{self.url}/healthz", timeout=1).close()  # noqa: S310
            except OSError:
                time.sleep(0.1)
            else:
                return
        raise AssertionError("gunicorn did not start within 30 s")

    def pause(self) -> None:
        os.killpg(self.process.pid, signal.SIGSTOP)

    def resume(self) -> None:
        os.killpg(self.process.pid, signal.SIGCONT)

    def stop(self) -> None:
        self.resume()
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()


@pytest.fixture(scope="session")
def live(stores: None, assets: None) -> Iterator[LiveServer]:
    server = LiveServer()
    yield server
    server.stop()


class StrictPages:
    """Opens pages signed in as a role, and keeps what they complained about."""

    def __init__(self, browser: Browser, live: LiveServer, client_for: Callable[..., Client]):
        self._browser, self._live, self._client_for = browser, live, client_for
        self._contexts: list[BrowserContext] = []
        self.complaints: list[str] = []
        self.expected: list[str] = []

    def __call__(
        self,
        role: str = "admin",
        *,
        size: tuple[int, int] = LAPTOP,
        theme: str = "light",
        expect: tuple[str, ...] = (),
        **who: str,
    ) -> Page:
        """expect: parts of console errors that this test brings about on purpose."""
        self.expected += expect
        context = self._browser.new_context(
            base_url=self._live.url,
            viewport={"width": size[0], "height": size[1]},
            color_scheme=theme,  # type: ignore[arg-type]
            reduced_motion="reduce",
            locale="en-GB",
            timezone_id="UTC",
        )
        context.set_default_timeout(15_000)
        self._contexts.append(context)
        cookie = self._client_for(role, **who).cookies[settings.SESSION_COOKIE_NAME]
        context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": self._live.url}])
        context.grant_permissions(["clipboard-read", "clipboard-write"])
        return self.page_in(context)

    def page_in(self, context: BrowserContext) -> Page:
        """Another tab of the same browser."""
        page = context.new_page()
        page.add_init_script(
            "document.addEventListener('securitypolicyviolation', (event) => console.error("
            "`policy: ${event.effectiveDirective} ${event.blockedURI}`))"
        )
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.complaints.append(f"page error: {error}"))
        page.on("request", self._request)
        return page

    def _console(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.complaints.append(f"{message.text} ({message.location.get('url', '')})")

    def _request(self, request: Request) -> None:
        if not request.url.startswith((*self._live.names, "data:", "blob:")):
            self.complaints.append(f"outside request: {request.url}")

    def finish(self) -> list[str]:
        for context in self._contexts:
            context.close()
        return [each for each in self.complaints if not any(part in each for part in self.expected)]


@pytest.fixture
def page_as(
    browser: Browser, live: LiveServer, client_for: Callable[..., Client]
) -> Iterator[StrictPages]:
    """page_as("editor") → a page signed in with that role."""
    pages = StrictPages(browser, live, client_for)
    yield pages
    complaints = pages.finish()
    assert not complaints, complaints


_AT_REST = """() => {
  const endless = (each) => each.effect.getComputedTiming().iterations === Infinity;
  const running = (each) => each.playState === "running" && !endless(each);
  return !document.querySelector(".htmx-request, .htmx-swapping, .htmx-settling")
    && !document.getAnimations().some(running);
}"""


@pytest.fixture(scope="session")
def axe() -> Callable[[Page], None]:
    """axe(page) fails with what is wrong when a page is not accessible."""
    script = AXE_FILE.read_text()
    rules = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]

    def check(page: Page) -> None:
        page.wait_for_function(_AT_REST)  # what is dimmed while it is replaced has no contrast
        page.evaluate(script)
        run = "rules => axe.run(document, {runOnly: rules, resultTypes: ['violations']})"
        found = page.evaluate(run, rules)["violations"]
        faults = [
            (each["id"], each["impact"], [node["html"][:200] for node in each["nodes"]][:5])
            for each in found
        ]
        assert not faults, faults

    return check


@pytest.fixture(scope="session")
def password() -> str:
    return PASSWORD
