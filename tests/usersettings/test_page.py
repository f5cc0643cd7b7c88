"""The page of a customer's settings: what it shows, and what it never does."""

from html import unescape

import pytest
from bson import Binary, Code, Decimal128, Int64, Regex

from devora_admin.core import mongo as core_mongo
from devora_admin.core import sealed
from tests.projects.malformed import MISSING, TELLING, WRONG
from tests.usersettings.conftest import GITHUB, OPENAI, seal


def test_a_secret_is_shown_by_its_last_four_characters(admin, settings_of):
    user_id = settings_of(
        api_keys={"openai": OPENAI}, integrations={"github": {"token": GITHUB, "login": "marta"}}
    )
    html = admin.get(f"/users/{user_id}/settings/").content.decode()
    assert OPENAI[-4:] in html
    assert GITHUB[-4:] in html
    assert "marta" in html
    for secret in (OPENAI, GITHUB):
        assert secret[-6:] not in html
        assert secret[:8] not in html
    assert "As the platform wrote it." in html


def test_a_short_secret_shows_nothing_of_itself(admin, settings_of):
    user_id = settings_of(api_keys={"x": "hunter2-abc"})
    html = admin.get(f"/users/{user_id}/settings/").content.decode()
    assert "-abc" not in html
    assert "••••" in html


def test_a_sealed_secret_shows_its_end_and_its_key(admin, settings_of, mongo):
    user_id = settings_of()
    mongo.settings.update_one(
        {"user_id": user_id},
        {"$set": {"api_keys.openai": seal(OPENAI, user_id, "api_keys.openai")}},
    )
    html = admin.get(f"/users/{user_id}/settings/").content.decode()
    assert "Encrypted" in html
    assert OPENAI[-4:] in html
    assert sealed.keys()[0].id in html
    assert "enc:v1" not in html


def test_a_value_copied_from_another_customer_or_field_is_unreadable_and_says_what_to_do(
    admin, settings_of, mongo
):
    other, user_id = settings_of(), settings_of()
    stolen = {
        "openai": seal(OPENAI, other, "api_keys.openai"),
        "stripe": seal(OPENAI, user_id, "api_keys.openai"),
        "broken": "enc:v1:zzzz",
    }
    mongo.settings.update_one({"user_id": user_id}, {"$set": {"api_keys": stolen}})
    html = unescape(admin.get(f"/users/{user_id}/settings/").content.decode())
    assert html.count("Unreadable") == 3
    assert "Ask the customer for it again" in html
    assert OPENAI[-4:] not in html


def test_a_secret_of_a_key_that_is_gone_names_the_key(admin, settings_of, mongo, settings):
    keys = settings.SECRETS_KEYS
    settings.SECRETS_KEYS = (b"o" * 32,)
    user_id = settings_of()
    old = seal(OPENAI, user_id, "api_keys.openai")
    mongo.settings.update_one({"user_id": user_id}, {"$set": {"api_keys.openai": old}})
    settings.SECRETS_KEYS = keys
    html = admin.get(f"/users/{user_id}/settings/").content.decode()
    assert f"Put the key {sealed.key_id_of(old)} back into SECRETS_KEYS" in html


def test_keys_of_any_name_and_values_of_any_type_are_shown(admin, settings_of):
    user_id = settings_of(
        api_keys={
            "a.b": OPENAI, "$dollar": OPENAI, "": OPENAI, "[x]": OPENAI, "ключ": OPENAI,
            "number": 12345678901234, "big": Int64(5), "null": None, "flag": True, "empty": "",
            "list": [OPENAI, {"deep": [OPENAI]}], "nested": {"key": OPENAI, "made": 5.5},
            "binary": Binary(b"0" * 32), "decimal": Decimal128("1.5"), "code": Code("f()"),
            "regex": Regex("a"), "huge": "x" * 500_000, "<script>": OPENAI,
        },
    )  # fmt: skip
    answer = admin.get(f"/users/{user_id}/settings/")
    html = answer.content.decode()
    assert answer.status_code == 200
    assert "Not text" in html
    assert "1234567890" not in html
    assert "<script>" not in html.split("<body", 1)[1].replace("<script src", "")
    assert len(html) < 200_000


SECTIONS = ("preferences", "api_keys", "integrations", "preferences.theme", "preferences.font_size",
            "preferences.autosave", "preferences.model", "preferences.locale", "api_keys.x",
            "integrations.x", "integrations.x.token")  # fmt: skip


@pytest.mark.parametrize("section", SECTIONS)
def test_no_malformed_value_breaks_the_page(admin, settings_of, mongo, section):
    for kind, (value, _) in WRONG.items():
        user_id = settings_of()
        operator = "$unset" if value is MISSING else "$set"
        mongo.settings.update_one(
            {"user_id": user_id}, {operator: {section: "" if value is MISSING else value}}
        )
        assert admin.get(f"/users/{user_id}/settings/").status_code == 200, kind
        if kind in TELLING:
            assert admin.get(f"/users/{user_id}/").status_code == 200, kind


def test_a_customer_without_settings_has_an_empty_page(admin, make_customer):
    html = admin.get(f"/users/{make_customer()['id']}/settings/").content.decode()
    assert "The platform has stored none yet." in html
    assert "No API keys" in html


def test_a_customer_who_is_not_there_is_a_404(admin):
    assert admin.get("/users/nobody/settings/").status_code == 404


def test_a_secret_among_the_preferences_is_masked_everywhere(admin, settings_of):
    user_id = settings_of(preferences={"editor": {"api_key": OPENAI, "tab": 2}, "note": GITHUB})
    for page in ("", "preferences/json/", 'preferences/set/?path=["editor","api_key"]',
                 'preferences/set/?path=["note"]', '?path=["editor"]'):  # fmt: skip
        html = admin.get(f"/users/{user_id}/settings/{page}").content.decode()
        assert OPENAI[-6:] not in html, page
        assert GITHUB[-6:] not in html, page
        assert OPENAI[:9] not in html, page


def test_the_page_takes_a_fixed_number_of_round_trips(admin, settings_of):
    few = settings_of(api_keys={"a": OPENAI})
    many = settings_of(
        api_keys={f"k{at}": OPENAI for at in range(150)},
        integrations={f"i{at}": {"token": GITHUB} for at in range(150)},
    )
    found = []
    for user_id in (few, many):
        admin.get(f"/users/{user_id}/settings/")
        found.append(core_mongo.round_trips.count)
    assert found[0] == found[1] <= 7


def test_a_role_without_the_right_sees_no_buttons(client_for, settings_of):
    user_id = settings_of(api_keys={"openai": OPENAI})
    support = client_for("support").get(f"/users/{user_id}/settings/").content.decode()
    assert "/replace/" in support
    assert "/reveal/" not in support
    assert client_for("viewer").get(f"/users/{user_id}/settings/").status_code == 403
