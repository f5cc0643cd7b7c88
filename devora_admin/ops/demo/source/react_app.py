"""A React app built with Vite, and the components that Next.js apps have too."""

from collections.abc import Iterator

from devora_admin.ops.demo.source.brief import (
    Brief,
    File,
    data_files,
    file,
    fill,
    package_json,
    readme,
    stylesheet,
    thing_words,
)
from devora_admin.ops.demo.words import Thing

CARD = """import type { <<Thing>> } from "@/types/<<thing>>";

type Props = { <<thing>>: <<Thing>>; onRemove?: (id: string) => void };

export function <<Thing>>Card({ <<thing>>, onRemove }: Props) {
  return (
    <section className="<<things>>-card">
      <h2>{<<thing>>.<<first>>}</h2>
      <a href={`/<<things>>/${<<thing>>.id}`}>Open</a>
      {onRemove && (
        <button type="button" onClick={() => onRemove(<<thing>>.id)}>
          Remove
        </button>
      )}
    </section>
  );
}
"""

FORM = """"use client";

import { useState, type FormEvent } from "react";

export function <<Thing>>Form({ onSaved }: { onSaved: () => void }) {
  const [<<first>>, setValue] = useState("");
  const [fault, setFault] = useState("");
  const [busy, setBusy] = useState(false);

  async function save(event: FormEvent) {
    event.preventDefault();
    setBusy(true);
    const response = await fetch("/api/<<things>>", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ <<first>> }),
    });
    setBusy(false);
    if (!response.ok) {
      setFault((await response.json()).error ?? "That did not work.");
      return;
    }
    setValue("");
    onSaved();
  }

  return (
    <form onSubmit={save}>
      <label>
        <<first>>
        <input value={<<first>>} onChange={(event) => setValue(event.target.value)} required />
      </label>
      {fault && <p role="alert">{fault}</p>}
      <button disabled={busy}>{busy ? "Saving…" : "Save <<thing>>"}</button>
    </form>
  );
}
"""

HOOK = """import { useCallback, useEffect, useState } from "react";
import type { <<Thing>> } from "@/types/<<thing>>";

export function use<<Things>>(limit = <<limit>>) {
  const [<<things>>, set<<Things>>] = useState<<<Thing>>[]>([]);
  const [loading, setLoading] = useState(true);

  const reload = useCallback(async () => {
    setLoading(true);
    const response = await fetch(`/api/<<things>>?limit=${limit}`);
    set<<Things>>(await response.json());
    setLoading(false);
  }, [limit]);

  useEffect(() => {
    void reload();
  }, [reload]);

  return { <<things>>, loading, reload };
}
"""

APP = """import { <<Thing>>Card } from "./components/<<Thing>>Card";
import { <<Thing>>Form } from "./components/<<Thing>>Form";
import { use<<Things>> } from "./hooks/use<<Things>>";
import "./index.css";

export default function App() {
  const { <<things>>, loading, reload } = use<<Things>>();
  return (
    <main>
      <h1><<title>></h1>
      <<<Thing>>Form onSaved={reload} />
      {loading ? <p>Loading…</p> : null}
      <div className="<<things>>-list">
        {<<things>>.map((<<thing>>) => (
          <<<Thing>>Card key={<<thing>>.id} <<thing>>={<<thing>>} />
        ))}
      </div>
    </main>
  );
}
"""

MAIN = """import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import App from "./App";

createRoot(document.getElementById("root")!).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
"""

TYPES = {"string": "string", "number": "number", "boolean": "boolean", "date": "string"}


def type_file(thing: Thing, path: str) -> File:
    fields = "".join(f"  {name}: {TYPES[kind]};\n" for name, kind in thing.fields)
    return file(path, f"export type {thing.name} = {{\n  id: string;\n{fields}}};\n")


def files(brief: Brief) -> Iterator[File]:
    first = thing_words(brief, brief.domain.things[0])
    yield package_json(
        brief,
        scripts={"dev": "vite", "build": "vite build", "preview": "vite preview"},
        needs={"react": "19.0.0", "react-dom": "19.0.0", "vite": "6.0.5"},
    )
    page = f'<!doctype html>\n<title>{brief.title}</title>\n<div id="root"></div>\n'
    yield file("index.html", page + '<script type="module" src="/src/main.tsx"></script>\n')
    yield file("src/main.tsx", MAIN)
    yield file("src/App.tsx", fill(APP, **first))
    yield stylesheet(brief, "src/index.css")
    yield readme(brief, run="npm install && npm run dev")
    for thing in brief.domain.things:
        words = thing_words(brief, thing)
        yield type_file(thing, f"src/types/{words['thing']}.ts")
        yield file(f"src/components/{thing.name}Card.tsx", fill(CARD, **words))
        yield file(f"src/components/{thing.name}Form.tsx", fill(FORM, **words))
        yield file(f"src/hooks/use{words['Things']}.ts", fill(HOOK, **words))
    yield from data_files(brief, "src/data")
