"""A Next.js app in TypeScript with an API route per thing."""

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
from devora_admin.ops.demo.source.react_app import CARD, FORM, HOOK, type_file
from devora_admin.ops.demo.words import Thing

PAGE = """import { <<Thing>>Card } from "@/components/<<Thing>>Card";
import { list<<Things>> } from "@/lib/<<things>>";

export const metadata = { title: "<<title>>" };

export default async function Page() {
  const <<things>> = await list<<Things>>({ limit: <<limit>> });
  if (<<things>>.length === 0) {
    return <p className="empty">Nothing here yet. Add the first <<thing>>.</p>;
  }
  return (
    <main className="<<things>>-list">
      <h1><<title>></h1>
      {<<things>>.map((<<thing>>) => (
        <<<Thing>>Card key={<<thing>>.id} <<thing>>={<<thing>>} />
      ))}
    </main>
  );
}
"""

LAYOUT = """import "./globals.css";
import type { ReactNode } from "react";

export default function Layout({ children }: { children: ReactNode }) {
  return (
    <html lang="en">
      <body>
        <header>
          <a href="/"><<title>></a>
        </header>
        {children}
      </body>
    </html>
  );
}
"""

ROUTE = """import { NextResponse } from "next/server";
import { create<<Thing>>, list<<Things>> } from "@/lib/<<things>>";
import { currentUser } from "@/lib/session";

export async function GET(request: Request) {
  const limit = Number(new URL(request.url).searchParams.get("limit") ?? <<limit>>);
  return NextResponse.json(await list<<Things>>({ limit }));
}

export async function POST(request: Request) {
  const user = await currentUser();
  if (!user) {
    return NextResponse.json({ error: "Sign in first." }, { status: 401 });
  }
  const input = await request.json();
  if (typeof input.<<first>> !== "string" || input.<<first>>.trim() === "") {
    return NextResponse.json({ error: "<<first>> is missing." }, { status: 422 });
  }
  const <<thing>> = await create<<Thing>>({ ...input, ownerId: user.id });
  return NextResponse.json(<<thing>>, { status: 201 });
}
"""

LIB = """import { db } from "@/lib/db";
import type { <<Thing>> } from "@/types/<<thing>>";

export async function list<<Things>>({ limit = <<limit>> } = {}): Promise<<<Thing>>[]> {
  return db.collection<<<Thing>>>("<<things>>").find().sort({ id: -1 }).limit(limit).toArray();
}

export async function find<<Thing>>(id: string): Promise<<<Thing>> | null> {
  return db.collection<<<Thing>>>("<<things>>").findOne({ id });
}

export async function create<<Thing>>(input: Omit<<<Thing>>, "id">): Promise<<<Thing>>> {
  const <<thing>> = { ...input, id: crypto.randomUUID() } as <<Thing>>;
  await db.collection<<<Thing>>>("<<things>>").insertOne(<<thing>>);
  return <<thing>>;
}
"""

DETAIL = """import { notFound } from "next/navigation";
import { find<<Thing>> } from "@/lib/<<things>>";

export default async function Page({ params }: { params: { id: string } }) {
  const <<thing>> = await find<<Thing>>(params.id);
  if (!<<thing>>) {
    notFound();
  }
  return (
    <article>
      <h1>{<<thing>>.<<first>>}</h1>
      <pre>{JSON.stringify(<<thing>>, null, 2)}</pre>
    </article>
  );
}
"""


def files(brief: Brief) -> Iterator[File]:
    first = thing_words(brief, brief.domain.things[0])
    yield package_json(
        brief,
        scripts={"dev": "next dev", "build": "next build", "start": "next start"},
        needs={"next": "15.1.0", "react": "19.0.0", "react-dom": "19.0.0", "mongodb": "6.12.0"},
    )
    yield file("app/page.tsx", fill(PAGE, **first))
    yield file("app/layout.tsx", fill(LAYOUT, **first))
    yield file("components/" + first["Thing"] + "Card.tsx", fill(CARD, **first))
    yield stylesheet(brief, "app/globals.css")
    yield readme(brief, run="npm install && npm run dev")
    for thing in brief.domain.things:
        yield from _of_thing(brief, thing)
    yield from data_files(brief, "data")


def _of_thing(brief: Brief, thing: Thing) -> Iterator[File]:
    words = thing_words(brief, thing)
    name, plural = words["thing"], words["things"]
    yield type_file(thing, f"types/{name}.ts")
    yield file(f"app/api/{plural}/route.ts", fill(ROUTE, **words))
    yield file(f"lib/{plural}.ts", fill(LIB, **words))
    yield file(f"app/{plural}/[id]/page.tsx", fill(DETAIL, **words))
    yield file(f"components/{thing.name}Form.tsx", fill(FORM, **words))
    yield file(f"hooks/use{thing.plural.capitalize()}.ts", fill(HOOK, **words))
    if thing is not brief.domain.things[0]:
        yield file(f"components/{thing.name}Card.tsx", fill(CARD, **words))
