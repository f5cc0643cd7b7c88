"""The list at 100,000 and at 1,000,000 projects, two servers asked in turn."""

import re

from devora_admin.ops.benchmarks.measure import Sample
from devora_admin.ops.benchmarks.pages import listing
from devora_admin.ops.benchmarks.report import Figure, Ratio, Section
from devora_admin.ops.benchmarks.server import Browser, serving

MOST_GROWTH = 1.3
_SERVER_MS = re.compile(r"app;dur=([\d.]+)")


def growth(databases: dict[str, str], sessions: dict[str, str], *, rounds: int) -> Section:
    """databases: label → name, the smaller one first. sessions: label → session cookie.

    Times are the server's own, from its Server-Timing header.
    """
    paths = {"page 1": listing(), "by name": listing(sort="name"), "no match": listing(q="xyzzyq")}
    small, large = databases
    times: dict[tuple[str, str], list[float]] = {}
    with serving(databases[small], workers=1) as one, serving(databases[large], workers=1) as two:
        browsers = {
            small: Browser(one, sessions[small]),
            large: Browser(two, sessions[large]),
        }
        for number in range(-10, rounds):
            for path_name, path in paths.items():
                for label, browser in browsers.items():
                    took_ms = _server_ms(browser, path)
                    if number >= 0:
                        times.setdefault((path_name, label), []).append(took_ms)
        for browser in browsers.values():
            browser.close()
    samples = {key: Sample.of(found) for key, found in times.items()}
    figures = [Figure(f"list, {path}: {label}", found) for (path, label), found in samples.items()]
    ratios = [
        Ratio(
            f"growth, {path}",
            samples[path, large].p50 / samples[path, small].p50,
            MOST_GROWTH,
        )
        for path in paths
    ]
    return Section(f"Growth of the list, {small} to {large} (ms on the server)", figures, ratios)


def _server_ms(browser: Browser, path: str) -> float:
    answer = browser.get(path)
    found = _SERVER_MS.search(answer.headers.get("Server-Timing", ""))
    if answer.status != 200 or not found:
        raise RuntimeError(f"{path} was answered with {answer.status}")
    return float(found[1])
