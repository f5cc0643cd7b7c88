"""What a stack is asked to build, and the pieces several stacks share."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from typing import Any

from devora_admin.ops.demo.words import BRANDS, Domain, Thing

File = dict[str, Any]

LANGUAGES = {
    "tsx": "typescript",
    "ts": "typescript",
    "jsx": "javascript",
    "js": "javascript",
    "mjs": "javascript",
    "vue": "vue",
    "py": "python",
    "html": "html",
    "css": "css",
    "md": "markdown",
    "json": "json",
    "txt": "plaintext",
    "sql": "sql",
    "yml": "yaml",
}


@dataclass(frozen=True, slots=True)
class Brief:
    random: Random
    title: str
    slug: str
    domain: Domain


def file(name: str, content: str) -> File:
    language = LANGUAGES.get(name.rsplit(".", 1)[-1], "plaintext")
    return {"name": name, "content": content, "language": language}


def fill(template: str, **words: str) -> str:
    """Puts words in place of <<name>>: braces stay free for the code itself."""
    for name, word in words.items():
        template = template.replace(f"<<{name}>>", word)
    return template


def thing_words(brief: Brief, thing: Thing) -> dict[str, str]:
    return {
        "Thing": thing.name,
        "thing": thing.name[0].lower() + thing.name[1:],
        "things": thing.plural,
        "Things": thing.plural.capitalize(),
        "title": brief.title,
        "slug": brief.slug,
        "first": thing.fields[0][0],
        "limit": str(brief.random.choice((10, 20, 25, 50, 100))),
    }


def package_json(brief: Brief, *, scripts: dict[str, str], needs: dict[str, str]) -> File:
    minor, patch = brief.random.randint(0, 9), brief.random.randint(0, 20)
    body = {
        "name": brief.slug,
        "version": f"0.{minor}.{patch}",
        "private": True,
        "scripts": scripts,
        "dependencies": needs,
    }
    return file("package.json", json.dumps(body, indent=2) + "\n")


def readme(brief: Brief, *, run: str) -> File:
    things = "\n".join(f"- {thing.plural}" for thing in brief.domain.things)
    text = f"# {brief.title}\n\n{brief.title} {brief.domain.pitch}.\n\n"
    return file("README.md", f"{text}## Run\n\n    {run}\n\n## What it keeps\n\n{things}\n")


def stylesheet(brief: Brief, name: str) -> File:
    hue = brief.random.randint(0, 359)
    radius = brief.random.choice((0, 4, 6, 8, 12, 16))
    rules = [
        f":root {{\n  --accent: hsl({hue} 70% 45%);\n  --ink: hsl({hue} 15% 12%);\n"
        f"  --paper: hsl({hue} 20% 98%);\n  --radius: {radius}px;\n}}",
        "* {\n  box-sizing: border-box;\n}",
        "body {\n  margin: 0;\n  color: var(--ink);\n  background: var(--paper);\n"
        "  font: 16px/1.5 system-ui, sans-serif;\n}",
        "a {\n  color: var(--accent);\n}",
    ]
    for thing in brief.domain.things:
        pad = brief.random.choice((8, 12, 16, 20, 24))
        rules.append(
            f".{thing.plural}-list {{\n  display: grid;\n  gap: {pad}px;\n}}\n\n"
            f".{thing.plural}-card {{\n  padding: {pad}px;\n  border-radius: var(--radius);\n"
            f"  border: 1px solid hsl({hue} 15% 85%);\n}}\n\n"
            f".{thing.plural}-card:hover {{\n  border-color: var(--accent);\n}}"
        )
    return file(name, "\n\n".join(rules) + "\n")


def record(brief: Brief, thing: Thing, number: int) -> dict[str, Any]:
    random = brief.random
    made: dict[str, Any] = {"id": number}
    for name, kind in thing.fields:
        if kind == "number":
            made[name] = random.randint(1, 9999)
        elif kind == "boolean":
            made[name] = random.random() < 0.5
        elif kind == "date":
            month, day = random.randint(1, 12), random.randint(1, 28)
            made[name] = f"2026-{month:02}-{day:02}T09:00:00Z"
        else:
            made[name] = f"{random.choice(BRANDS)} {thing.name.lower()} {number}"
    return made


def data_files(brief: Brief, folder: str) -> Iterator[File]:
    """Endless: sample records, the bulk of an app that has grown."""
    number = 0
    while True:
        number += 1
        thing = brief.domain.things[number % len(brief.domain.things)]
        rows = [record(brief, thing, row + 1) for row in range(brief.random.randint(20, 90))]
        text = json.dumps(rows, indent=2, ensure_ascii=False)
        yield file(f"{folder}/{thing.plural}-{number:03}.json", text + "\n")
