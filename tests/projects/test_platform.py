"""The platform writes as its decision record shows; the dashboard works on what it wrote.

The platform's driver is PyMongo's async client, which took Motor's place.
"""

# ruff: noqa: DTZ005 (the record's own line: a time without its zone)

import asyncio
import json
import uuid
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, TypeVar

import pytest
from django.conf import settings
from pymongo import AsyncMongoClient

from tests.projects.platform_documents import changes, stored

T = TypeVar("T")
Database = Any


@dataclass
class ProjectFile:
    name: str
    content: str
    language: str


@dataclass
class Project:
    """As the platform's model: what it does not name it keeps, and an old document may lack."""

    id: str
    user_id: str
    name: str
    project_type: str
    files: list[ProjectFile]
    metadata: dict[str, Any] = field(default_factory=dict)

    def model_dump(self) -> dict[str, Any]:
        return asdict(self)


TASKMASTER = Project(
    id=str(uuid.uuid4()),
    user_id="user-123",
    name="TaskMaster",
    project_type="saas",
    files=[
        ProjectFile("app/page.tsx", "export default 1;\n", "typescript"),
        ProjectFile("app/api/tasks/route.ts", "export {};\n", "typescript"),
    ],
    metadata={"has_auth": True, "has_payments": True, "stripe_product_id": "prod_123"},
)
BLOG = Project(
    id=str(uuid.uuid4()),
    user_id="user-123",
    name="My Blog",
    project_type="blog",
    files=[ProjectFile("content/posts/first-post.md", "# Hello\n", "markdown")],
    metadata={"theme": "dark", "categories": ["tech", "ai"]},
)


def platform(work: Callable[[Database], Awaitable[T]]) -> T:
    """Runs `work` as the platform does: its own client, defaults, nothing of the dashboard's."""

    async def run() -> T:
        client: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(settings.MONGO_URL)
        try:
            return await work(client[settings.MONGO_DB_NAME])
        finally:
            await client.close()

    # On a thread of its own: a browser test of this process may hold this one's event loop.
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, run()).result()


@pytest.fixture
def written(mongo, make_customer) -> None:
    make_customer(id="user-123", email="ada@example.com", name="Ada Lovelace")

    async def write(db: Database) -> None:
        for project in (TASKMASTER, BLOG):
            await db.projects.insert_one(project.model_dump() | {"created_at": datetime.now()})
        await db.projects.update_one(
            {"id": TASKMASTER.id}, {"$set": {"updated_at": datetime.now()}}
        )
        for role, content in (("user", "Add **payments**"), ("assistant", "Done:\n\n1. Stripe")):
            message = {"role": role, "content": content, "timestamp": datetime.now(), "tokens": 7}
            await db.projects.update_one(
                {"id": TASKMASTER.id}, {"$push": {"conversation_history": message}}
            )

    platform(write)


def save(client: Any, path: str, content: str, base: str, revision: int = 0) -> Any:
    body = {
        "path": path, "content": content, "base_content": base, "base_revision": revision,
        "tab": "tab-00000001",
    }  # fmt: skip
    return client.post(
        f"/projects/{TASKMASTER.id}/file/save/",
        json.dumps(body),
        content_type="application/json",
        headers={"accept": "application/json"},
    )


def test_what_the_platform_wrote_is_listed_with_its_owner(admin, written):
    text = admin.get("/projects/").content.decode()
    assert "TaskMaster" in text
    assert "My Blog" in text
    assert "ada@example.com" in text
    assert "Malformed" not in text


def test_what_the_platform_wrote_opens_without_a_complaint(admin, written):
    for project in (TASKMASTER, BLOG):
        text = admin.get(f"/projects/{project.id}/").content.decode()
        assert project.name in text
        assert "card-malformed" not in text
    metadata = admin.get(f"/projects/{BLOG.id}/metadata/").content.decode()
    assert "categories" in metadata
    conversation = admin.get(f"/projects/{TASKMASTER.id}/conversation/").content.decode()
    assert "<strong>payments</strong>" in conversation


def test_the_platform_reads_an_edit_of_the_dashboard(admin, mongo, written):
    before = stored(mongo, TASKMASTER.id)
    answer = save(admin, "app/page.tsx", "export default 2;\n", "export default 1;\n")
    assert answer.status_code == 200

    async def read(db: Database) -> Any:
        return await db.projects.find_one({"id": TASKMASTER.id})

    document = platform(read)
    files = [ProjectFile(**each) for each in document["files"]]
    assert files == [ProjectFile("app/page.tsx", "export default 2;\n", "typescript"),
                     TASKMASTER.files[1]]  # fmt: skip
    assert document["metadata"] == TASKMASTER.metadata
    assert changes(before, stored(mongo, TASKMASTER.id)) == {
        "files/0/content", "revision", "updated_at", "edited_by",
    }  # fmt: skip


def test_the_platform_finds_the_projects_of_a_customer_the_newest_first(admin, written):
    save(admin, "app/page.tsx", "export default 2;\n", "export default 1;\n")

    async def find(db: Database) -> list[str]:
        cursor = db.projects.find({"user_id": "user-123"}).sort([("created_at", -1)])
        return [document["name"] async for document in cursor]

    assert platform(find) == ["My Blog", "TaskMaster"]


def test_edits_of_both_sides_are_kept(admin, mongo, written):
    assert save(admin, "app/page.tsx", "let a;\n", "export default 1;\n").status_code == 200

    async def push(db: Database) -> None:
        await db.projects.update_one(
            {"id": TASKMASTER.id},
            {
                "$push": {"conversation_history": {"role": "user", "content": "And a footer"}},
                "$set": {"updated_at": datetime.now(), "deploy": {"region": "eu"}},
            },
        )

    platform(push)
    assert save(admin, "app/page.tsx", "let b;\n", "let a;\n", 1).status_code == 200
    document = mongo.projects.find_one({"id": TASKMASTER.id})
    assert document["files"][0]["content"] == "let b;\n"
    assert document["conversation_history"][-1]["content"] == "And a footer"
    assert document["deploy"] == {"region": "eu"}


def test_a_file_the_platform_changed_meanwhile_is_a_conflict_that_shows_it(admin, mongo, written):
    async def generate(db: Database) -> None:
        await db.projects.update_one(
            {"id": TASKMASTER.id, "files.name": "app/page.tsx"},
            {"$set": {"files.$.content": "generated\n", "updated_at": datetime.now()}},
        )

    platform(generate)
    answer = save(admin, "app/page.tsx", "typed\n", "export default 1;\n")
    assert answer.status_code == 409
    assert answer.json()["error"]["theirs"] == "generated\n"
    document = mongo.projects.find_one({"id": TASKMASTER.id})
    assert document["files"][0]["content"] == "generated\n"


def test_an_imported_project_reads_as_the_platforms_own(mongo, actor, written):
    import io

    from devora_admin.projects.services.imports import import_zip
    from tests.projects.zips import zip_of

    project_id = import_zip(
        io.BytesIO(zip_of({"app/page.tsx": "export {}", "README.md": "# Hi"})),
        user_id="user-123", name="Imported", project_type="saas", source="x.zip", actor=actor,
    )  # fmt: skip

    async def read(db: Database) -> Any:
        return await db.projects.find_one({"id": project_id})

    document = platform(read)
    known = {key: document[key] for key in Project.__dataclass_fields__}
    project = Project(**known | {"files": [ProjectFile(**each) for each in document["files"]]})
    assert [each.name for each in project.files] == ["README.md", "app/page.tsx"]
    assert type(document["created_at"]) is datetime
