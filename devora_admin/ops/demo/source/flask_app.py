"""A Flask app with a blueprint, a table and tests per thing."""

from collections.abc import Iterator

from devora_admin.ops.demo.source.brief import (
    Brief,
    File,
    data_files,
    file,
    fill,
    readme,
    stylesheet,
    thing_words,
)
from devora_admin.ops.demo.words import Thing

APP = '''"""<<title>>."""

from flask import Flask, render_template

from store import open_store
from views import <<things>>


def create_app() -> Flask:
    app = Flask(__name__)
    app.config.from_prefixed_env()
    app.store = open_store(app.config.get("DATABASE", "app.db"))
    app.register_blueprint(<<things>>.blueprint)

    @app.get("/")
    def home():
        return render_template("home.html", title="<<title>>")

    return app
'''

VIEW = """from flask import Blueprint, abort, current_app, jsonify, request

blueprint = Blueprint("<<things>>", __name__, url_prefix="/<<things>>")


@blueprint.get("/")
def index():
    limit = min(int(request.args.get("limit", <<limit>>)), 100)
    return jsonify(current_app.store.list("<<things>>", limit=limit))


@blueprint.get("/<int:key>")
def show(key: int):
    <<thing>> = current_app.store.find("<<things>>", key)
    if <<thing>> is None:
        abort(404)
    return jsonify(<<thing>>)


@blueprint.post("/")
def create():
    values = request.get_json()
    if not values.get("<<first>>"):
        return jsonify(error="<<first>> is missing"), 422
    return jsonify(current_app.store.add("<<things>>", values)), 201
"""

STORE = '''"""A thin layer over SQLite."""

import sqlite3


class Store:
    def __init__(self, path: str) -> None:
        self.db = sqlite3.connect(path, check_same_thread=False)
        self.db.row_factory = sqlite3.Row

    def list(self, table: str, *, limit: int) -> list[dict]:
        rows = self.db.execute(f"SELECT * FROM {table} ORDER BY id DESC LIMIT ?", [limit])
        return [dict(row) for row in rows]

    def find(self, table: str, key: int) -> dict | None:
        row = self.db.execute(f"SELECT * FROM {table} WHERE id = ?", [key]).fetchone()
        return dict(row) if row else None

    def add(self, table: str, values: dict) -> dict:
        names = ", ".join(values)
        marks = ", ".join("?" for _ in values)
        with self.db:
            done = self.db.execute(
                f"INSERT INTO {table} ({names}) VALUES ({marks})", list(values.values())
            )
        return {"id": done.lastrowid, **values}


def open_store(path: str) -> Store:
    return Store(path)
'''

TEST = """from app import create_app


def test_a_<<thing>>_needs_its_<<first>>():
    client = create_app().test_client()
    assert client.post("/<<things>>/", json={}).status_code == 422


def test_an_unknown_<<thing>>_is_not_found():
    client = create_app().test_client()
    assert client.get("/<<things>>/999999").status_code == 404
"""

TEMPLATE = """{% extends "base.html" %}
{% block content %}
<h1>{{ title }}</h1>
<ul class="<<things>>-list">
  {% for <<thing>> in <<things>> %}
  <li class="<<things>>-card">{{ <<thing>>.<<first>> }}</li>
  {% else %}
  <li>No <<things>> yet.</li>
  {% endfor %}
</ul>
{% endblock %}
"""

SQL = {"string": "TEXT NOT NULL", "number": "REAL", "boolean": "INTEGER", "date": "TEXT"}


def files(brief: Brief) -> Iterator[File]:
    first = thing_words(brief, brief.domain.things[0])
    yield file("app.py", fill(APP, **first))
    yield file("requirements.txt", "flask==3.1.0\npytest==8.3.4\n")
    yield file("store.py", STORE)
    yield file("schema.sql", "\n".join(_table(thing) for thing in brief.domain.things))
    yield file("templates/home.html", fill(TEMPLATE, **first))
    yield stylesheet(brief, "static/style.css")
    yield readme(brief, run="flask --app app run --debug")
    for thing in brief.domain.things:
        words = thing_words(brief, thing)
        yield file(f"views/{thing.plural}.py", fill(VIEW, **words))
        yield file(f"tests/test_{thing.plural}.py", fill(TEST, **words))
        yield file(f"templates/{thing.plural}.html", fill(TEMPLATE, **words))
    yield from data_files(brief, "fixtures")


def _table(thing: Thing) -> str:
    columns = "".join(f",\n  {name} {SQL[kind]}" for name, kind in thing.fields)
    return f"CREATE TABLE {thing.plural} (\n  id INTEGER PRIMARY KEY{columns}\n);\n"
