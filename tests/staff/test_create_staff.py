import io
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from devora_admin.staff.models import StaffUser
from tests.conftest import PASSWORD


def create(monkeypatch: Any, email: str, role: str, password: str) -> str:
    monkeypatch.setattr("sys.stdin", io.StringIO(password + "\n"))
    out = io.StringIO()
    call_command("create_staff", email, "--role", role, stdout=out)
    return out.getvalue()


def test_the_password_is_read_from_standard_input_and_hashed_with_argon2(monkeypatch, mongo):
    assert "Made" in create(monkeypatch, "New@Devora.example", "editor", PASSWORD)
    user = StaffUser.objects.get(email="new@devora.example")
    assert user.role == "editor"
    assert user.password.startswith("argon2$")
    assert mongo.audit_log.find_one({"action": "staff.create"})["subject"]["label"] == user.email


@pytest.mark.parametrize("password", ["", "short", "password1234", "123456789012345"])
def test_a_weak_password_is_refused(monkeypatch, password):
    with pytest.raises(CommandError, match="password"):
        create(monkeypatch, "new@devora.example", "editor", password)
    assert StaffUser.objects.count() == 0


@pytest.mark.parametrize("email", ["", "no-at-sign", "a@b c.example", "a\x00b@c.example"])
def test_a_malformed_address_is_refused(monkeypatch, email):
    with pytest.raises(CommandError):
        create(monkeypatch, email, "editor", PASSWORD)


def test_an_address_is_used_once(monkeypatch):
    create(monkeypatch, "new@devora.example", "editor", PASSWORD)
    with pytest.raises(CommandError, match="already"):
        create(monkeypatch, "NEW@devora.example", "viewer", PASSWORD)


def test_an_unknown_role_is_refused(monkeypatch):
    with pytest.raises(CommandError, match="role"):
        create(monkeypatch, "new@devora.example", "owner", PASSWORD)


def test_an_account_whose_row_cannot_be_written_is_not_made(monkeypatch, mongo):
    from devora_admin.core.errors import InvalidInput
    from devora_admin.staff import audit, services

    mongo.command("collMod", "audit_log", validator={"action": {"$ne": "staff.create"}})
    try:
        with pytest.raises(Exception, match="failed validation"):
            services.create_staff(
                "new@devora.example", role="viewer", password=PASSWORD, actor=audit.SYSTEM
            )
    finally:
        mongo.command("collMod", "audit_log", validator={})
    assert StaffUser.objects.count() == 0
    services.create_staff(
        "new@devora.example", role="viewer", password=PASSWORD, actor=audit.SYSTEM
    )
    with pytest.raises(InvalidInput, match="already"):
        services.create_staff(
            "new@devora.example", role="viewer", password=PASSWORD, actor=audit.SYSTEM
        )
    assert mongo.audit_log.count_documents({"action": "staff.create"}) == 1
