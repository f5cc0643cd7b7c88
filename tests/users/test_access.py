"""Signing a customer out, and the link to a new password."""

import hashlib
import re
from datetime import timedelta

import pytest

from devora_admin.core import clock
from devora_admin.core.errors import Conflict, NotFound
from devora_admin.users.services import access, standing
from tests.conftest import PASSWORD
from tests.users.acting import HTMX, rows, stored

LINK = re.compile(r"/reset-password\?token=([A-Za-z0-9_-]{43})")


def test_signing_out_everywhere_says_since_when_sessions_are_void(mongo, make_customer, actor):
    customer = make_customer(sessions_revoked_at="broken")
    access.sign_out_everywhere(customer["id"], reason="", actor=actor)
    moment = stored(mongo, customer)["sessions_revoked_at"]
    assert timedelta(0) <= clock.now() - moment < timedelta(seconds=10)
    [row] = rows(mongo)
    assert row["before"] == {"sessions_revoked_at": "broken"}


def test_a_link_is_stored_as_its_digest_alone(mongo, make_customer, actor, settings):
    settings.PLATFORM_URL = "https://app.example.com"
    customer = make_customer()
    link = access.issue_reset_link(customer["id"], reason="lost", actor=actor)
    assert link.url.startswith("https://app.example.com/reset-password?token=")
    token = LINK.search(link.url)[1]
    kept = stored(mongo, customer)["password_reset"]
    assert kept["token_sha256"] == hashlib.sha256(token.encode()).hexdigest()
    assert timedelta(hours=23) < kept["expires_at"] - clock.now() <= timedelta(hours=24)
    assert token not in repr(list(mongo.audit_log.find()))
    assert kept["token_sha256"] not in repr(list(mongo.audit_log.find()))


def test_each_link_replaces_the_one_before(mongo, make_customer, actor):
    customer = make_customer()
    first = access.issue_reset_link(customer["id"], reason="a", actor=actor)
    digest = stored(mongo, customer)["password_reset"]["token_sha256"]
    second = access.issue_reset_link(customer["id"], reason="b", actor=actor)
    assert first.url != second.url
    assert stored(mongo, customer)["password_reset"]["token_sha256"] != digest


def test_a_suspended_customer_gets_no_link(make_customer, actor):
    customer = make_customer()
    standing.suspend_customer(customer["id"], reason="x", actor=actor)
    with pytest.raises(Conflict, match="Reactivate"):
        access.issue_reset_link(customer["id"], reason="x", actor=actor)


def test_unknown_customers_are_not_found(actor):
    with pytest.raises(NotFound):
        access.sign_out_everywhere("nobody", reason="", actor=actor)
    with pytest.raises(NotFound):
        access.issue_reset_link("nobody", reason="x", actor=actor)


def test_the_link_is_shown_once_after_proof_and_never_cached(client_for, mongo, make_customer):
    customer = make_customer(name="Ada")
    client, url = client_for("support"), f"/users/{customer['id']}/reset-link/"
    session = client.session
    session.pop("elevated_at", None)
    session.save()
    refused = client.post(url, {"reason": "lost", "proof": "wrong"}, headers=HTMX)
    assert refused.status_code == 422
    assert "password_reset" not in stored(mongo, customer)
    shown = client.post(url, {"reason": "lost", "proof": PASSWORD}, headers=HTMX)
    html = shown.content.decode()
    assert "no-store" in shown.headers["Cache-Control"]
    token = LINK.search(html)[1]
    assert "PLATFORM_URL" in html
    for path in (url, f"/users/{customer['id']}/"):
        assert token not in client.get(path).content.decode()


def test_the_sign_out_dialog_says_whom_and_that_it_stays_done(client_for, mongo, make_customer):
    customer = make_customer(name="Ada")
    client, url = client_for("support"), f"/users/{customer['id']}/sign-out/"
    page = client.get(url).content.decode()
    assert "Every session of Ada ends" in page
    assert "cannot be undone" in page
    sent = client.post(url, {"reason": ""})
    assert sent.status_code == 302
    assert "sessions_revoked_at" in stored(mongo, customer)
    assert "undo%22%3A%20null" in sent.cookies["toast"].value
