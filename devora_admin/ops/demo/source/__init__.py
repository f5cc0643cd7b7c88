"""The code of demo projects: each stack is a module of small templates of our own."""

from collections.abc import Callable, Iterator

from devora_admin.ops.demo.source import express_app, flask_app, next_app, react_app, site, vue_app
from devora_admin.ops.demo.source.brief import Brief, File

Stack = Callable[[Brief], Iterator[File]]

STACKS: dict[str, Stack] = {
    "next": next_app.files,
    "react": react_app.files,
    "vue": vue_app.files,
    "flask": flask_app.files,
    "express": express_app.files,
    "static": site.files,
}


def files_of(stack: str, brief: Brief, *, size_bytes: int) -> list[File]:
    """Files in the order an app is made, until they hold about `size_bytes`; at least two."""
    taken: list[File] = []
    total = 0
    for file in STACKS[stack](brief):
        taken.append(file)
        total += len(file["content"])
        if total >= size_bytes and len(taken) > 1:
            break
    return taken
