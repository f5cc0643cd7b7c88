"""Deciding on a customer's pages of memory, as a browser does."""

import json
from typing import Any
from urllib.parse import unquote

from django.test import Client

from devora_admin.memory.store.models import Chunk

HX = {"HX-Request": "true"}


def item_of(user_id: str, text: str) -> int:
    return Chunk.objects.get(user_id=user_id, text__contains=text).pk


def offered(answer: Any) -> str:
    """The address that the toast of an answer offers for its undo."""
    cookie = answer.cookies.get("toast")
    told = json.loads(unquote(cookie.value)) if cookie else json.loads(answer["HX-Trigger"])
    return str(told.get("toast", told)["undo"])


def is_shown_what_was_decided(late: Client, url: str, data: dict[str, str]) -> None:
    """For who decides otherwise what somebody pinned meanwhile."""
    answer = late.post(url, data, headers=HX)
    assert answer.status_code == 409
    assert ">Pinned</span>" in answer.content.decode()
    told = json.loads(answer["HX-Trigger"])["toast"]
    assert told["message"] == "Somebody decided about this meanwhile. Look at it again."
    assert late.post(url, data).status_code == 409, "a page of its own without htmx"
