"""Fixtures: real stores, clean before each test; people with a role; documents as the platform
writes them."""

import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command
from django.test import Client
from pymongo.database import Database

from devora_admin.core import mongo as core_mongo
from devora_admin.ops.assets import ensure_assets
from devora_admin.staff.models import StaffUser
from devora_admin.staff.permissions import ROLES
from tests import factories

PASSWORD = "correct horse battery staple"


@pytest.fixture(scope="session", autouse=True)
def stores(django_db_blocker: Any) -> Iterator[None]:
    assert settings.MONGO_DB_NAME.startswith("test_"), "tests touch databases named test_… only"
    with django_db_blocker.unblock():
        core_mongo.client().drop_database(settings.MONGO_DB_NAME)
        call_command("migrate", verbosity=0)
        core_mongo.ensure_indexes()
        yield
        core_mongo.client().drop_database(settings.MONGO_DB_NAME)


@pytest.fixture(scope="session", autouse=True)
def assets(stores: None) -> None:
    ensure_assets(lambda line: None)


@pytest.fixture(scope="session", autouse=True)
def password_hash() -> str:
    """Hashed once: argon2 is slow on purpose."""
    from django.contrib.auth.hashers import make_password

    return make_password(PASSWORD)


@pytest.fixture
def mongo(stores: None) -> Database[dict[str, Any]]:
    return core_mongo.database()


KEPT = {"django_migrations", "django_content_type", "auth_permission"}


@pytest.fixture(autouse=True)
def empty_stores(stores: None) -> Iterator[None]:
    """Leaves nothing for the next test, whatever its order."""
    yield
    db = core_mongo.database()
    for name in db.list_collection_names():
        if name not in KEPT and not name.startswith("system."):
            db[name].delete_many({})


@pytest.fixture
def staff(password_hash: str) -> Callable[..., StaffUser]:
    """staff("editor") → the account of that role, made on first use."""

    def make(role: str = "admin", email: str = "", name: str = "") -> StaffUser:
        assert role in ROLES
        email = email or f"{role}@devora.example"
        found = StaffUser.objects.filter(email=email).first()
        if found:
            return found
        user = StaffUser(email=email, role=role, name=name or f"{role.title()} Person")
        user.password = password_hash
        user.save()
        return user

    return make


@pytest.fixture
def client_for(staff: Callable[..., StaffUser]) -> Callable[..., Client]:
    """client_for("viewer") → an HTTP client signed in with that role."""

    def make(role: str = "admin", **who: str) -> Client:
        client = Client(raise_request_exception=False)
        client.force_login(staff(role, **who))
        return client

    return make


@pytest.fixture
def admin(client_for: Callable[..., Client]) -> Client:
    return client_for("admin")


@pytest.fixture
def actor(staff: Callable[..., StaffUser]) -> Any:
    from devora_admin.staff import audit

    return audit.actor_for(staff("admin"))


@pytest.fixture
def make_customer(mongo: Database[dict[str, Any]]) -> Callable[..., dict[str, Any]]:
    return lambda **fields: factories.insert(mongo.users, factories.customer(**fields))


@pytest.fixture
def make_project(mongo: Database[dict[str, Any]]) -> Callable[..., dict[str, Any]]:
    return lambda **fields: factories.insert(mongo.projects, factories.project(**fields))


def pytest_report_header() -> str:
    return f"data: {os.environ['DEVORA_DATA_DIR']}"
