"""Embedders: the default model, built once for a machine, and one of a few lines."""

import hashlib
import os
from collections.abc import Iterator
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.db import connections

from devora_admin.core import clock
from devora_admin.embedded import postgres
from devora_admin.memory.embedding import Embedder, embedder_of
from devora_admin.memory.embedding.minilm import recipe
from devora_admin.memory.embedding.minilm.files import ModelFiles
from devora_admin.memory.embedding.minilm.setup import ensure_model
from devora_admin.memory.indexing import models, vectors, work
from devora_admin.memory.preferences import queries as preferred
from devora_admin.memory.queries import findings, frequencies
from devora_admin.memory.store import beside, reach
from tests import factories
from tests.memory import rows
from tests.memory.embedded import remembered
from tests.memory.embedders import Hashing, use
from tests.memory.embedding_endpoint import Endpoint, endpoint
from tests.memory.learned import said
from tests.memory.searched import CART, DARK, LOGIN, NOT_DARK


def _cache() -> Path:
    """A folder for what these sources build with these packages."""
    made = hashlib.sha256(f"{version('onnx')} {version('onnxruntime')}".encode())
    for name in ("recipe.py", "graph.py", "build.py"):
        made.update(Path(recipe.__file__).with_name(name).read_bytes())
    home = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return home / "devora-admin" / "models" / made.hexdigest()[:16]


CACHE = _cache()


def place_model(models: Path) -> None:
    """Lets a data folder's `models` have the model; runs beside each other wait for one build."""
    ensure_model(lambda line: None, CACHE)
    models.mkdir(mode=0o700, parents=True, exist_ok=True)
    with suppress(FileExistsError):
        ModelFiles(models).folder.symlink_to(ModelFiles(CACHE).folder)


@pytest.fixture(scope="session")
def embedder() -> Embedder:
    """The default one, whatever is configured; loaded with its first text."""
    place_model(django_settings.DATA_DIR / "models")
    found = embedder_of(recipe.NAME, recipe.REVISION)
    assert found
    return found


@pytest.fixture
def hashing(monkeypatch: pytest.MonkeyPatch, settings: Any) -> Hashing:
    """Configured in this process."""
    made = Hashing()
    use(monkeypatch, settings, made)
    return made


@pytest.fixture
def remote(monkeypatch: pytest.MonkeyPatch) -> Iterator[Endpoint]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    # Of another program on the machine; none of it is this endpoint's concern.
    monkeypatch.setenv("OPENAI_ORG_ID", "org-of-somebody")
    monkeypatch.setenv("OPENAI_PROJECT_ID", "project-of-somebody")
    monkeypatch.setenv("OPENAI_API_KEY", "sk-of-somebody")
    with endpoint() as found:
        yield found


@pytest.fixture
def from_old_to_new(mongo, monkeypatch, settings, actor) -> tuple[Hashing, Hashing]:
    """Embedders: of what is used, away just now, with tasks of its own; of what is to come."""
    old, new = Hashing("old"), Hashing("new", dims=32)
    use(monkeypatch, settings, old)
    models.ensure_active(old)
    remembered(mongo, *(f"Number {number}" for number in range(6)))
    old.is_away = True
    use(monkeypatch, settings, new, old)
    return old, new


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """No transaction is begun anew: none may be in another's way."""
    monkeypatch.setattr(reach, "_PAUSES_S", ())


@pytest.fixture(autouse=True)
def not_ready() -> None:
    """What a process has seen to in PostgreSQL holds for one test."""
    work._ready.clear()
    vectors._away_until.clear()
    preferred._common_until = 0.0


@pytest.fixture
def own_postgres(tmp_path: Path) -> Iterator[postgres.EmbeddedPostgres]:
    """A store of the test's own, to be stopped; the process's database is another meanwhile."""
    connections["memory"].close()
    connections["memory"].close_pool()
    with postgres.start(tmp_path, settings={"fsync": "off"}) as store:
        known = connections["memory"].settings_dict
        kept = {name: known[name] for name in ("NAME", "HOST", "PASSWORD")}
        known.update(
            NAME="devora", HOST=str(store.folder), PASSWORD=(store.folder / "password").read_text()
        )
        try:
            yield store
        finally:
            connections["memory"].close()
            connections["memory"].close_pool()
            known.update(kept)
            reach.breaker.reset()


@pytest.fixture
def customer(mongo):
    return factories.insert(mongo.users, factories.customer())


@pytest.fixture
def remember(mongo, customer):
    def make(*texts: str, **fields: Any) -> dict[str, Any]:
        document = factories.project(
            user_id=customer["id"], conversation_history=said(*texts), **fields
        )
        mongo.projects.insert_one(document)
        work.index_document("projects", document["_id"])
        return document

    return make


SAID = ("Always use Tailwind, please.", "Where is the basket filled?")


@pytest.fixture(name="remembered")
def _remembered_customer(hashing: Any, make_customer: Any, make_project: Any) -> Any:
    """A customer with a project that was read; and another one's, in the same words."""
    found = []
    for name in ("Ada", "Other"):
        customer = make_customer(name=name)
        talk = [{"role": "user", "content": text, "timestamp": clock.now()} for text in SAID]
        files = [{"name": "a.ts", "content": f"export const basket = '{name}'\n", "language": "ts"}]
        project = make_project(
            user_id=customer["id"], name=f"Of {name}", conversation_history=talk, files=files
        )
        models.ensure_active(hashing)
        work.index_document("projects", project["_id"])
        found.append((customer["id"], project["id"]))
    while vectors.embed_some():
        pass
    return found[0]


@pytest.fixture
def fresh():
    frequencies.forget()
    yield
    frequencies.forget()


@pytest.fixture
def model(embedder):
    return rows.a_model(embedder)


@pytest.fixture
def some(embedder, model):
    found = rows.chunks(
        [
            {"text": CART, "path": "src/cart.ts", "symbol": "addToCart", "language": "typescript",
             "line_from": 11, "line_to": 14},
            {"text": LOGIN, "path": "auth.py", "language": "python", "line_from": 1, "line_to": 3},
            {"text": DARK, "kind": "message", "turn": 4, "role": "user"},
            {"text": NOT_DARK, "kind": "message", "turn": 5, "role": "user"},
        ]
    )  # fmt: skip
    rows.embed(embedder, model, found)
    return found


@pytest.fixture
def asked_beside(monkeypatch):
    """Whether a second connection was had, of each leg that asked for one."""
    had = []

    def noted(*args, ask=beside.ask, **kwargs):
        found = ask(*args, **kwargs)
        had.append(found is not None)
        return found

    monkeypatch.setattr(findings, "AT_ONCE_FROM", 0)
    monkeypatch.setattr(beside, "ask", noted)
    return had
