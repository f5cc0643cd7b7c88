"""What is done with one secret: revealed, tested, replaced, revoked, each on record."""

import time
from collections.abc import Iterator
from html import unescape

import pytest
from bson import Binary, Int64

from devora_admin.core import sealed
from devora_admin.staff.documents import AUDIT_LOG
from devora_admin.usersettings.looks import looks_secret
from tests.conftest import PASSWORD
from tests.usersettings.conftest import GITHUB, OPENAI, hidden, ref, seal, seen, url

HTMX = {"HTTP_HX_REQUEST": "true"}


def reveal(client, user_id, label, **data):
    address = url(user_id, label, "reveal")
    form = {"seen": seen(user_id, label), "reason": "ticket 7", "proof": PASSWORD, **data}
    return client.post(address, form, **HTMX)


def rows(mongo, action):
    return list(mongo[AUDIT_LOG].find({"action": action}))


def test_revealing_shows_one_secret_to_nobody_else(client_for, settings_of, mongo):
    user_id = settings_of(api_keys={"openai": OPENAI, "stripe": GITHUB})
    answer = reveal(client_for("editor"), user_id, "api_keys.openai")
    html = answer.content.decode()
    assert answer.status_code == 200
    assert html.count(OPENAI) == 1
    assert GITHUB not in html
    assert answer["Cache-Control"] == "no-store, private"
    assert OPENAI not in str(answer.headers)
    assert OPENAI not in str(answer.cookies)
    [row] = rows(mongo, "secrets.reveal")
    assert row["reason"] == "ticket 7"
    assert row["after"] == {"field": "api_keys.openai"}
    assert OPENAI not in str(row)


def test_a_sealed_secret_is_revealed_as_it_was(client_for, settings_of, mongo):
    user_id = settings_of()
    value = {"token": seal("ключ\n«x»", user_id, "integrations.x.token")}
    mongo.settings.update_one({"user_id": user_id}, {"$set": {"integrations.x": value}})
    answer = reveal(client_for("editor"), user_id, "integrations.x.token")
    assert "ключ\n«x»" in unescape(answer.content.decode())


@pytest.mark.parametrize(
    ("data", "fault"),
    [({"reason": ""}, "This field is required"), ({"proof": ""}, "This field is required"),
     ({"proof": "wrong password!"}, "invalid-feedback")],
)  # fmt: skip
def test_without_a_reason_or_proof_nothing_is_revealed(client_for, settings_of, mongo, data, fault):
    user_id = settings_of(api_keys={"openai": OPENAI})
    answer = reveal(client_for("editor"), user_id, "api_keys.openai", **data)
    assert answer.status_code == 422
    assert fault in answer.content.decode()
    assert OPENAI not in answer.content.decode()
    assert not rows(mongo, "secrets.reveal")


@pytest.mark.parametrize("role", ["viewer", "support"])
def test_a_role_that_may_not_reveal_is_refused(client_for, settings_of, role):
    user_id = settings_of(api_keys={"openai": OPENAI})
    answer = reveal(client_for(role), user_id, "api_keys.openai")
    assert answer.status_code == 403
    assert OPENAI not in answer.content.decode()


@pytest.fixture
def refusing_audit_log(mongo) -> Iterator[None]:
    """The store refuses the row, as it would one that breaks a rule of its own."""
    mongo.command("collMod", AUDIT_LOG, validator={"action": {"$not": {"$regex": "^secrets"}}})
    yield
    mongo.command("collMod", AUDIT_LOG, validator={})


@pytest.mark.usefixtures("refusing_audit_log")
@pytest.mark.parametrize("action", ["reveal", "test", "replace", "revoke"])
def test_when_the_audit_log_cannot_be_written_nothing_is_shown_or_changed(
    client_for, settings_of, held, action
):
    user_id = settings_of(api_keys={"openai": OPENAI})
    data = {"seen": seen(user_id, "api_keys.openai"), "reason": "x", "proof": PASSWORD,
            "value": GITHUB}  # fmt: skip
    answer = client_for("editor").post(url(user_id, "api_keys.openai", action), data, **HTMX)
    assert answer.status_code >= 500
    assert OPENAI not in answer.content.decode()
    assert "format of" not in answer.content.decode()
    assert held(user_id)["api_keys"] == {"openai": OPENAI}


def test_the_row_is_stored_before_the_secret_is_opened(client_for, settings_of, mongo, monkeypatch):
    """A power cut while the secret is opened leaves the row."""
    user_id = settings_of()
    value = seal(OPENAI, user_id, "api_keys.openai")
    mongo.settings.update_one({"user_id": user_id}, {"$set": {"api_keys.openai": value}})
    client, address = client_for("editor"), url(user_id, "api_keys.openai", "reveal")
    data = {"seen": seen(user_id, "api_keys.openai"), "reason": "x", "proof": PASSWORD}
    from devora_admin.usersettings.services import secrets as service

    def cut(*args):
        raise SystemError("the power is gone")

    monkeypatch.setattr(service, "opened", cut)
    assert client.post(address, data, **HTMX).status_code == 500
    assert len(rows(mongo, "secrets.reveal")) == 1


def test_a_value_the_platform_replaced_meanwhile_is_not_revealed(client_for, settings_of, mongo):
    user_id = settings_of(api_keys={"openai": OPENAI})
    mark = seen(user_id, "api_keys.openai")
    mongo.settings.update_one({"user_id": user_id}, {"$set": {"api_keys.openai": GITHUB}})
    answer = reveal(client_for("editor"), user_id, "api_keys.openai", seen=mark)
    assert answer.status_code == 409
    assert GITHUB not in answer.content.decode()


def test_replacing_stores_the_new_secret_sealed(admin, settings_of, held, mongo):
    user_id = settings_of(api_keys={"openai": OPENAI}, integrations={"x": {"login": "m"}})
    form = admin.get(url(user_id, "api_keys.openai", "replace"))
    answer = admin.post(
        url(user_id, "api_keys.openai", "replace"),
        {"seen": hidden(form, "seen"), "value": f"  {GITHUB}\r\n"},
    )
    assert answer.status_code == 302
    stored = held(user_id)
    assert stored["integrations"] == {"x": {"login": "m"}}
    assert sealed.unseal(stored["api_keys"]["openai"], owner=user_id, field="api_keys.openai") == (
        GITHUB
    )
    [row] = rows(mongo, "secrets.replace")
    assert row["before"] == {"api_keys.openai": f"•••• {OPENAI[-4:]}"}
    assert row["after"] == {"api_keys.openai": f"•••• {GITHUB[-4:]}"}
    page = admin.get(f"/users/{user_id}/settings/").content.decode()
    assert "Replaced" in page


def test_replacing_over_the_platforms_new_value_is_a_conflict(admin, settings_of, held, mongo):
    user_id = settings_of(api_keys={"openai": OPENAI})
    mark = seen(user_id, "api_keys.openai")
    mongo.settings.update_one({"user_id": user_id}, {"$set": {"api_keys.openai": "theirs" * 5}})
    address = url(user_id, "api_keys.openai", "replace")
    answer = admin.post(address, {"seen": mark, "value": GITHUB}, **HTMX)
    assert answer.status_code == 409
    assert GITHUB not in answer.content.decode()
    assert held(user_id)["api_keys"]["openai"] == "theirs" * 5


@pytest.mark.parametrize("value", ["", "   ", "x" * 200_000, "enc:v1:00000000:AAAA", "\0"])
def test_what_is_no_secret_is_refused_and_not_given_back(admin, settings_of, held, value):
    user_id = settings_of(api_keys={"openai": OPENAI})
    address = url(user_id, "api_keys.openai", "replace")
    data = {"seen": seen(user_id, "api_keys.openai"), "value": value}
    answer = admin.post(address, data, **HTMX)
    assert answer.status_code == 422
    assert len(answer.content) < 10_000
    assert held(user_id)["api_keys"] == {"openai": OPENAI}


def test_revoking_removes_the_value_and_keeps_no_copy(admin, settings_of, held, mongo):
    user_id = settings_of(api_keys={"openai": OPENAI, "x": "y" * 20})
    address = url(user_id, "api_keys.openai", "revoke")
    answer = admin.post(address, {"seen": seen(user_id, "api_keys.openai"), "reason": "leaked"})
    assert answer.status_code == 302
    assert held(user_id)["api_keys"] == {"x": "y" * 20}
    [row] = rows(mongo, "secrets.revoke")
    assert row["reason"] == "leaked"
    for collection in mongo.list_collection_names():
        for document in mongo[collection].find():
            assert OPENAI[:-4] not in str(document), collection


ODD = {
    "a.b": OPENAI, "$x": OPENAI, "": OPENAI, "[0]": OPENAI, "ключ": OPENAI, "0": OPENAI,
    "list": ["first-secret-of-many", OPENAI], "deep": {"a.b": {"$c": [{"d": OPENAI}]}},
    "number": 123456789012345, "binary": Binary(b"0123456789abcdef0123"),
}  # fmt: skip
PLACES = ["a.b", "$x", "", "[0]", "ключ", "0", "list.1", "deep.a.b.$c.0.d", "number", "binary"]


@pytest.mark.parametrize("place", PLACES)
def test_a_secret_under_any_name_and_of_any_type_is_replaced_and_revoked(
    admin, settings_of, held, place
):
    user_id = settings_of(api_keys={**ODD, "other": Int64(7)})
    before = held(user_id)
    label = f"api_keys.{place}"
    data = {"seen": seen(user_id, label), "value": GITHUB}
    assert admin.post(url(user_id, label, "replace"), data).status_code == 302
    shown = admin.get(f"/users/{user_id}/settings/").content.decode()
    assert GITHUB[-4:] in shown
    assert "Unreadable" not in shown
    answer = reveal(admin, user_id, label)
    assert GITHUB in answer.content.decode()
    data = {"seen": seen(user_id, label), "reason": "x"}
    assert admin.post(url(user_id, label, "revoke"), data).status_code == 302
    after = held(user_id)
    first = place.split(".")[0] if place != "a.b" else place
    for key, value in before["api_keys"].items():
        if key != first:
            assert after["api_keys"][key] == value
    assert isinstance(after["api_keys"]["other"], Int64)


def test_taking_an_item_out_of_a_list_leaves_the_others_readable(admin, settings_of, mongo):
    user_id = settings_of(integrations={"x": {"tokens": [GITHUB, OPENAI, GITHUB]}})
    label = "integrations.x.tokens.2"
    data = {"seen": seen(user_id, label), "value": OPENAI}
    admin.post(url(user_id, label, "replace"), data)
    mongo.settings.update_one({"user_id": user_id}, {"$pull": {"integrations.x.tokens": GITHUB}})
    assert OPENAI in reveal(admin, user_id, "integrations.x.tokens.1").content.decode()


@pytest.mark.parametrize(
    ("provider", "value", "told"),
    [
        ("openai", OPENAI, "has the format of OpenAI"),
        ("openai", GITHUB, "has the format of GitHub, not of OpenAI"),
        ("openai", "sk-" + "ant-api03-" + "x1" * 20, "format of Anthropic, not of OpenAI"),
        ("anthropic", "hello there", "spaces or line breaks"),
        ("my-own", "aaaaaaaaaaaaaaaaaaaaaaaa", "like a placeholder"),
        ("my-own", "x7Kq29LmZ84TbVw61Yc", "looks random"),
        ("my-own", "short", "few for a key"),
    ],
)
def test_testing_says_whether_the_format_fits_and_shows_nothing(
    admin, settings_of, mongo, provider, value, told
):
    user_id = settings_of(api_keys={provider: value})
    label = f"api_keys.{provider}"
    answer = admin.post(url(user_id, label, "test"), {"seen": seen(user_id, label)}, **HTMX)
    html = unescape(answer.content.decode())
    assert told in html
    assert "sent nowhere" in html
    assert value not in html
    assert len(rows(mongo, "secrets.test")) == 1


def test_a_secret_too_long_for_a_page_is_not_put_in_one(admin, settings_of):
    user_id = settings_of(api_keys={"huge": "x9" * 300_000})
    answer = reveal(admin, user_id, "api_keys.huge")
    assert answer.status_code == 413
    assert len(answer.content) < 10_000


def test_an_address_of_no_secret_is_a_404(admin, settings_of):
    user_id = settings_of(api_keys={"openai": OPENAI})
    for action in ("reveal", "test", "replace", "revoke"):
        assert admin.get(f"/users/{user_id}/settings/secrets/nothing/{action}/").status_code == 404
    other = settings_of(api_keys={"openai": OPENAI})
    address = f"/users/{other}/settings/secrets/{ref(user_id, 'api_keys.openai')}/reveal/"
    assert admin.get(address).status_code == 404


@pytest.mark.parametrize("text", ["x" * 20_000, "://" + ":" * 20_000, "a://" * 5_000])
def test_whether_a_long_text_looks_secret_is_told_at_once(text):
    start = time.process_time()
    assert not looks_secret(text, wide=True)
    assert time.process_time() - start < 0.1  # it once took half a second


def test_an_address_with_a_password_in_it_looks_secret():
    assert looks_secret("see redis://:pass@host", wide=False)
    assert looks_secret("mongodb+srv://me:pa:ss@host/db", wide=False)
    assert not looks_secret("https://host:80/a:b@c", wide=False)
