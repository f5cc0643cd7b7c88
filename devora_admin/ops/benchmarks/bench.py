"""The database of a benchmark: never the user's, seeded once and kept for the next run."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.test import Client

from devora_admin.core import mongo
from devora_admin.ops import demo
from devora_admin.ops.assets import ensure_assets
from devora_admin.ops.benchmarks.report import Report
from devora_admin.staff import audit
from devora_admin.staff.models import StaffUser
from devora_admin.staff.sign_in import mark_verified

PREFIX = "bench_"
EMAIL = "benchmark@devora.local"
LARGE_BYTES = 200_000


@dataclass(frozen=True, slots=True)
class Bench:
    user: StaffUser
    actor: audit.Actor
    client: Client
    """Signed in with a session of its own, as a browser is."""

    @property
    def session_cookie(self) -> str:
        return str(self.client.cookies[settings.SESSION_COOKIE_NAME].value)


def check_name(name: str) -> None:
    if not name.startswith(PREFIX):
        raise ValueError(f"a benchmark's database is named {PREFIX}…, not {name}")


def prepare(plan: demo.Plan, report: Report) -> Bench:
    check_name(settings.MONGO_DB_NAME)
    call_command("migrate", interactive=False, verbosity=0)
    mongo.ensure_indexes()
    ensure_assets(report)
    demo.seed(plan, report=report)
    user = StaffUser.objects.filter(email=EMAIL).first()
    if user is None:
        user = StaffUser(email=EMAIL, role="admin", name="Benchmark")
        user.set_unusable_password()
        user.save()
    client = Client(SERVER_NAME="localhost")
    client.force_login(user)
    session = client.session
    mark_verified(session, "benchmark")
    session.save()
    return Bench(user, audit.actor_for(user), client)


def drop() -> None:
    check_name(settings.MONGO_DB_NAME)
    mongo.client().drop_database(settings.MONGO_DB_NAME)


def project_near(size_bytes: int) -> dict[str, Any]:
    """The project whose files are nearest to `size_bytes` among the first few hundred and the
    largest known ones, whole and sound."""
    size = {"$bsonSize": "$$ROOT"}
    found = mongo.database().projects.aggregate(
        [
            {"$match": {"files.0.content": {"$type": "string"}, "name": {"$type": "string"}}},
            {"$limit": 1000},
            {"$project": {"id": 1, "gap": {"$abs": {"$subtract": [size, size_bytes]}}}},
            {"$sort": {"gap": 1}},
            {"$limit": 1},
        ]
    )
    key = next(iter(found))["_id"]
    project: dict[str, Any] | None = mongo.database().projects.find_one({"_id": key})
    assert project is not None
    return project
