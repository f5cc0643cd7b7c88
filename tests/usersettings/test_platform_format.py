"""PLATFORM.md tells the platform how to read what the dashboard seals: its example is run here."""

import ast
import re
from typing import Any

import pytest
from bson import ObjectId
from cryptography.exceptions import InvalidTag
from django.conf import settings
from hypothesis import given
from hypothesis import strategies as st

from devora_admin.core import sealed
from devora_admin.usersettings import stored
from devora_admin.usersettings.secret_paths import field_of
from devora_admin.usersettings.services import sealing
from tests.usersettings.conftest import GITHUB, OPENAI, seal

TEXT = (settings.BASE_DIR / "devora_admin" / "PLATFORM.md").read_text()
[SOURCE] = re.findall(r"```python\n(.*?)```", TEXT[TEXT.index("## Secrets") :], re.DOTALL)[:1]


@pytest.fixture(scope="module")
def example() -> dict[str, Any]:
    names: dict[str, Any] = {}
    exec(compile(SOURCE, "PLATFORM.md", "exec"), names)  # noqa: S102
    return names


def test_the_example_needs_nothing_but_cryptography_and_is_short():
    tree = ast.parse(SOURCE)
    imported = {
        alias.name.split(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.Import)
        for alias in node.names
    } | {node.module.split(".")[0] for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert imported == {"base64", "hashlib", "json", "cryptography"}
    reading = SOURCE[SOURCE.index("def ") :]
    assert len([line for line in reading.splitlines() if line.strip()]) <= 20


EVERYTHING = {
    "api_keys": {"openai": OPENAI, "a.b": GITHUB, "$x": "dollar dollar", "": "nameless one",
                 "ключ": "тайна “тайна”", "0": "a number as a key", "new\nline": OPENAI},
    "integrations": {"slack": {"tokens": [GITHUB, {"token": OPENAI}]}},
}  # fmt: skip


def leaves(value: Any, path: tuple[Any, ...] = ()) -> dict[tuple[Any, ...], Any]:
    if not isinstance(value, dict | list):
        return {path: value}
    found: dict[tuple[Any, ...], Any] = {}
    for key, child in value.items() if isinstance(value, dict) else enumerate(value):
        found |= leaves(child, (*path, key))
    return found


def test_the_platform_reads_what_the_dashboard_sealed(example, settings_of, held):
    user_id = settings_of(**EVERYTHING)
    wanted = leaves(EVERYTHING)
    for path, text in wanted.items():
        assert example["read_secret"](text, user_id, path, settings.SECRETS_KEYS) == text
    sealing.seal_all(report=lambda counts: None)
    found = held(user_id)
    for path, text in wanted.items():
        value: Any = found
        for step in path:
            value = value[step]
        assert sealed.is_sealed(value), path
        assert example["read_secret"](value, user_id, path, settings.SECRETS_KEYS) == text


def test_the_platform_reads_under_an_older_key_too(example, settings):
    settings.SECRETS_KEYS = (b"o" * 32,)
    value = seal(OPENAI, "u", "api_keys.openai")
    settings.SECRETS_KEYS = (b"n" * 32, b"o" * 32)
    read = example["read_secret"]
    assert read(value, "u", ("api_keys", "openai"), settings.SECRETS_KEYS) == OPENAI
    for owner, path in (("v", ("api_keys", "openai")), ("u", ("api_keys", "stripe"))):
        with pytest.raises(InvalidTag):
            read(value, owner, path, settings.SECRETS_KEYS)


STEPS = st.lists(st.one_of(st.text(max_size=8), st.integers(0, 9)), min_size=1, max_size=4)


@given(STEPS)
def test_both_name_a_field_alike(example, steps):
    assert example["field_of"](tuple(steps)) == field_of(tuple(steps))


@given(STEPS, STEPS)
def test_no_two_paths_have_one_name(left, right):
    def without_positions(steps):
        return [None if isinstance(step, int) else step for step in steps]

    same = without_positions(left) == without_positions(right)
    one = field_of(("api_keys", *left))
    assert (one == field_of(("api_keys", *right))) == same


@given(st.text(), st.text(), st.text())
def test_any_text_comes_back_from_any_owner_and_field(text, owner, field):
    value = sealed.seal(text, owner=owner, field=field)
    assert sealed.unseal(value, owner=owner, field=field) == text


def test_a_document_of_the_platform_may_hold_both(example, mongo, make_customer):
    user_id = make_customer()["id"]
    value = seal(GITHUB, user_id, "api_keys.github")
    mongo.settings.insert_one(
        {"_id": ObjectId(), "user_id": user_id, "api_keys": {"github": value, "openai": OPENAI}}
    )
    places = stored.read(user_id).secrets
    keys = settings.SECRETS_KEYS
    read = {
        place.field: example["read_secret"](place.text, user_id, place.path, keys)
        for place in places
    }
    assert read == {"api_keys.github": GITHUB, "api_keys.openai": OPENAI}
