"""A static site: pages, a style sheet, a little script, and articles in markdown."""

from collections.abc import Iterator

from devora_admin.ops.demo.source.brief import (
    Brief,
    File,
    file,
    fill,
    readme,
    stylesheet,
    thing_words,
)
from devora_admin.ops.demo.words import BRANDS

PAGE = """<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <title><<title>></title>
    <link rel="stylesheet" href="/style.css" />
    <script type="module" src="/menu.js"></script>
  </head>
  <body>
    <nav aria-label="Main"><a href="/">Home</a> <a href="/<<things>>.html"><<Things>></a></nav>
    <main>
      <h1><<title>></h1>
      <p><<pitch>></p>
      <section class="<<things>>-list" data-source="/content/<<things>>.json"></section>
    </main>
    <footer>Made with care, <<slug>></footer>
  </body>
</html>
"""

MENU = """for (const section of document.querySelectorAll("[data-source]")) {
  const response = await fetch(section.dataset.source);
  for (const row of await response.json()) {
    const card = document.createElement("article");
    card.textContent = Object.values(row)[1];
    section.append(card);
  }
}
"""

SENTENCES = (
    "We began with a notebook and one question: what would make this easier tomorrow?",
    "The first version was slow, so we measured before changing anything.",
    "Small steps win: each release does one thing and says so.",
    "A good default saves more time than ten settings.",
    "People told us what they wanted; watching them told us what they needed.",
    "Nothing is finished until somebody else can use it without asking.",
    "We kept the old page for a month and nobody missed it.",
    "The hard part was deciding what to leave out.",
    "It rained all week, which is good weather for writing documentation.",
    "Thank you to everyone who sent a correction, even the blunt ones.",
)


def files(brief: Brief) -> Iterator[File]:
    words = thing_words(brief, brief.domain.things[0])
    pitch = f"{brief.title} {brief.domain.pitch}."
    yield file("index.html", fill(PAGE, pitch=pitch, **words))
    yield stylesheet(brief, "style.css")
    yield file("menu.js", MENU)
    yield readme(brief, run="python3 -m http.server")
    for thing in brief.domain.things:
        own = thing_words(brief, thing)
        yield file(f"{thing.plural}.html", fill(PAGE, pitch=pitch, **own))
    yield from _articles(brief)


def _articles(brief: Brief) -> Iterator[File]:
    random = brief.random
    number = 0
    while True:
        number += 1
        heading = f"{random.choice(BRANDS)} {random.choice(brief.domain.nouns).lower()}"
        paragraphs = [" ".join(random.sample(SENTENCES, k=4)) for _ in range(random.randint(3, 12))]
        date = f"2026-{random.randint(1, 12):02}-{random.randint(1, 28):02}"
        head = f"---\ntitle: {heading}\ndate: {date}\n---\n\n# {heading}\n\n"
        body = "\n\n".join(paragraphs)
        yield file(f"content/{number:03}-{heading.lower().replace(' ', '-')}.md", f"{head}{body}\n")
