"""Fixtures: real stores, clean before each test; people with a role; documents as the platform
writes them."""

import os
import time
from collections.abc import Callable, Iterator
from typing import Any

import pymongo
import pytest
from django.conf import settings
from django.core.management import call_command
from django.test import Client
from pymongo.database import Database

from devora_admin.core import clock
from devora_admin.core import mongo as core_mongo
from devora_admin.core.frames import with_room
from devora_admin.core.listing import beginnings
from devora_admin.ops.assets import ensure_assets
from devora_admin.staff.factors import recovery, totp
from devora_admin.staff.models import StaffUser
from devora_admin.staff.permissions import ROLES
from devora_admin.staff.sign_in import mark_verified
from tests import emptying, factories, memory_store, static_files

PASSWORD = "correct horse battery staple"
ENOUGH_TO_TYPE_S = 5
SETTING_UP_S = 90


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Those that say they take long begin, so that none runs alone at the end."""
    items.sort(key=lambda item: item.get_closest_marker("timeout") is None)
    for item in items:
        if isinstance(item, pytest.Function):
            item.obj = with_room(item.obj)  # as a request has it


@pytest.fixture(scope="session", autouse=True)
def stores(django_db_blocker: Any) -> Iterator[None]:
    assert settings.MONGO_DB_NAME.startswith("test_"), "tests touch databases named test_… only"
    with django_db_blocker.unblock():
        # A busy machine may take longer for a hundred collections than a page would wait.
        with pymongo.timeout(SETTING_UP_S):
            core_mongo.client().drop_database(settings.MONGO_DB_NAME)
            call_command("migrate", verbosity=0)
            core_mongo.ensure_indexes()
        if settings.MEMORY_ENABLED:
            memory_store.make()
        yield
        core_mongo.client().drop_database(settings.MONGO_DB_NAME)


@pytest.fixture(scope="session", autouse=True)
def assets(stores: None) -> None:
    ensure_assets(lambda line: None)
    static_files.read_once()


@pytest.fixture(scope="session", autouse=True)
def password_hash() -> str:
    """Hashed once: argon2 is slow on purpose."""
    from django.contrib.auth.hashers import make_password

    return make_password(PASSWORD)


@pytest.fixture
def mongo(stores: None) -> Database[dict[str, Any]]:
    return core_mongo.database()


@pytest.fixture(autouse=True)
def empty_stores(stores: None) -> Iterator[None]:
    """Leaves nothing for the next test, whatever its order."""
    yield
    emptying.empty()
    if settings.MEMORY_ENABLED:
        memory_store.clear()


@pytest.fixture
def memory(empty_stores: None) -> None:
    """PostgreSQL. Named by tests that are of no use without it."""
    assert settings.MEMORY_ENABLED


@pytest.fixture(autouse=True)
def unknown_stores() -> None:
    """What a process learns of its indexes holds for one test."""
    beginnings.forget()


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


def sign_in_fully(client: Client, user: StaffUser) -> None:
    """Signs in with the second factor satisfied, as the role needs it."""
    client.force_login(user)
    session = client.session
    mark_verified(session, "totp")
    session.save()


@pytest.fixture
def totp_for() -> Callable[[StaffUser], "Authenticator"]:
    """totp_for(account) → its authenticator app, made and turned on."""
    return Authenticator


class Authenticator:
    def __init__(self, user: StaffUser) -> None:
        self.secret = totp.new_secret()
        self._used = min(totp.steps_now()) - 1

        def turn_on(session: Any) -> list[str]:
            totp.turn_on(str(user.pk), self.secret, step=self._used, session=session)
            return recovery.make(str(user.pk), is_first=True, session=session)

        self.recovery_codes = core_mongo.run_in_transaction(turn_on)

    def code(self) -> str:
        """One that was not asked for before: as the app shows it, or the one before or after."""
        left_s = totp.STEP_S - clock.now().timestamp() % totp.STEP_S
        if self._used < min(totp.steps_now()) and left_s < ENOUGH_TO_TYPE_S:
            time.sleep(left_s)  # the oldest that is accepted is about not to be
        self._used = max(self._used + 1, min(totp.steps_now()))
        assert self._used <= max(totp.steps_now()), "every code of now was used: wait for the next"
        return totp.code_at(self.secret, self._used)


@pytest.fixture
def client_for(staff: Callable[..., StaffUser]) -> Callable[..., Client]:
    """client_for("viewer") → an HTTP client signed in with that role."""

    def make(role: str = "admin", **who: str) -> Client:
        client = Client(raise_request_exception=False)
        sign_in_fully(client, staff(role, **who))
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
