"""An HTTP API on Express."""

from collections.abc import Iterator

from devora_admin.ops.demo.source.brief import (
    Brief,
    File,
    data_files,
    file,
    fill,
    package_json,
    readme,
    thing_words,
)

SERVER = """import express from "express";
import { <<things>>Router } from "./routes/<<things>>.js";
import { faults } from "./middleware/faults.js";

const app = express();
app.use(express.json({ limit: "<<limit>>kb" }));
app.use("/<<things>>", <<things>>Router);
app.get("/health", (_request, response) => response.json({ ok: true, name: "<<slug>>" }));
app.use(faults);

const port = Number(process.env.PORT ?? 3000);
app.listen(port, () => console.log(`<<title>> listens on ${port}`));
"""

FAULTS = """export function faults(error, _request, response, _next) {
  const status = error.status ?? 500;
  response.status(status).json({ error: status < 500 ? error.message : "Something failed." });
}
"""

ROUTER = """import { Router } from "express";
import { <<things>> } from "../models/<<things>>.js";

export const <<things>>Router = Router();

<<things>>Router.get("/", async (request, response) => {
  const limit = Math.min(Number(request.query.limit ?? <<limit>>), 100);
  response.json(await <<things>>.list({ limit }));
});

<<things>>Router.post("/", async (request, response) => {
  const <<first>> = String(request.body.<<first>> ?? "").trim();
  if (!<<first>>) {
    return response.status(422).json({ error: "<<first>> is missing" });
  }
  return response.status(201).json(await <<things>>.create({ ...request.body, <<first>> }));
});

<<things>>Router.delete("/:id", async (request, response) => {
  const removed = await <<things>>.remove(request.params.id);
  response.status(removed ? 204 : 404).end();
});
"""

MODEL = """const rows = new Map();
let next = 1;

export const <<things>> = {
  async list({ limit }) {
    return [...rows.values()].reverse().slice(0, limit);
  },
  async create(values) {
    const <<thing>> = { ...values, id: String(next++), createdAt: new Date().toISOString() };
    rows.set(<<thing>>.id, <<thing>>);
    return <<thing>>;
  },
  async remove(id) {
    return rows.delete(id);
  },
};
"""

TEST = """import assert from "node:assert/strict";
import { test } from "node:test";
import { <<things>> } from "../models/<<things>>.js";

test("a new <<thing>> is listed first", async () => {
  await <<things>>.create({ <<first>>: "one" });
  const made = await <<things>>.create({ <<first>>: "two" });
  const [top] = await <<things>>.list({ limit: 1 });
  assert.equal(top.id, made.id);
});
"""


def files(brief: Brief) -> Iterator[File]:
    first = thing_words(brief, brief.domain.things[0])
    yield package_json(
        brief,
        scripts={"start": "node server.js", "test": "node --test"},
        needs={"express": "5.0.1"},
    )
    yield file("server.js", fill(SERVER, **first))
    yield file("middleware/faults.js", FAULTS)
    yield readme(brief, run="npm install && npm start")
    for thing in brief.domain.things:
        words = thing_words(brief, thing)
        yield file(f"routes/{thing.plural}.js", fill(ROUTER, **words))
        yield file(f"models/{thing.plural}.js", fill(MODEL, **words))
        yield file(f"test/{thing.plural}.test.js", fill(TEST, **words))
    yield from data_files(brief, "seed")
