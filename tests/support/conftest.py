from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from devora_admin.api import clients, rates
from devora_admin.core.ids import new_id
from devora_admin.staff import audit
from devora_admin.support.services.opening import NewIssue, Source, open_issue

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 40


@pytest.fixture
def customer(make_customer):
    return make_customer(name="Zoe Quillfeather", email="zoe.quill@marked.example")


@pytest.fixture
def opened(customer, actor) -> Callable[..., int]:
    """opened() → the number of a new issue of the customer."""

    def make(**fields: Any) -> int:
        wanted = {"user_id": customer["id"], "subject": "Cannot deploy", "text": "It says E_QUOTA"}
        return open_issue(NewIssue(**{**wanted, **fields}), actor=actor).number

    return make


@pytest.fixture
def colleague(staff) -> audit.Actor:
    return audit.actor_for(staff("support", name="Bo Berg"))


@pytest.fixture
def token(actor) -> str:
    _, found = clients.create_client(
        "Platform", scopes=["issues.write"], actor=actor, per_minute=rates.MOST_PER_MINUTE
    )
    return found


@pytest.fixture
def call(token) -> Callable[..., Any]:
    """call("/api/issues/", {...}) → the answer. body: JSON-like, or bytes as they are."""

    def send(path: str, body: Any, *, key: str | None = "", **more: Any) -> Any:
        headers = {"Authorization": f"Bearer {token}"}
        if key is not None:
            headers["Idempotency-Key"] = key or new_id()
        headers |= more.pop("headers", {})
        content_type = more.pop("content_type", "application/json")
        client = Client(raise_request_exception=False, enforce_csrf_checks=True)
        return client.post(path, body, content_type=content_type, headers=headers, **more)

    return send


def scanned(fingerprint: str, **fields: Any) -> dict[str, Any]:
    return {"source": Source("scan", fingerprint=fingerprint), **fields}


@pytest.fixture
def body(customer):
    return {"customer_id": customer["id"], "subject": "Cannot deploy", "text": "It says E_QUOTA"}
