"""Customers with settings, as the platform writes them."""

import re
from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
from bson import ObjectId

from devora_admin.core import sealed
from devora_admin.usersettings import stored

OPENAI = "sk-proj-7Hq2LmZx94TbVw1KcYd8RnPf6GsJ3uEa5XoB"
GITHUB = "ghp_" + "Zk39QwErTy72UiOpAsDf61GhJkLz0XcVbN48"


@pytest.fixture
def settings_of(mongo: Any, make_customer: Callable[..., dict[str, Any]]) -> Callable[..., str]:
    """settings_of(preferences={…}) → the id of a customer with such settings."""

    def make(**fields: Any) -> str:
        user_id = str(make_customer()["id"])
        document = {"preferences": {}, "api_keys": {}, "integrations": {}, **fields}
        mongo.settings.insert_one({"_id": ObjectId(), "user_id": user_id, **document})
        return user_id

    return make


@pytest.fixture
def held(mongo: Any) -> Callable[[str], dict[str, Any]]:
    return lambda user_id: mongo.settings.find_one({"user_id": user_id})


def seal(text: str, user_id: str, field: str) -> str:
    return sealed.seal(text, owner=user_id, field=field)


def ref(user_id: str, label: str) -> str:
    """The address of a secret, by its path with dots."""
    for place in stored.read(user_id).secrets:
        if ".".join(map(str, place.path)) == label:
            return stored.ref_of(user_id, place)
    raise AssertionError(label)


def seen(user_id: str, label: str) -> str:
    return stored.mark_of(stored.read(user_id).secret(ref(user_id, label)))


def url(user_id: str, label: str, action: str) -> str:
    return f"/users/{user_id}/settings/secrets/{ref(user_id, label)}/{action}/"


def hidden(answer: Any, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', answer.content.decode())
    assert found, name
    return unescape(found[1])
