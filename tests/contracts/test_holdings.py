"""Every collection is covered by a holding, so that an export is whole and an erasure complete."""

import re
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, router

from devora_admin.core import mongo as core_mongo
from devora_admin.users import holdings

SOURCES = Path(settings.BASE_DIR) / "devora_admin"
NAMED = re.compile(r"""database\(\)\[["'](\w+)["']\]""")
NOT_IN_THE_DASHBOARDS_DATABASE = ("ops",)
"""Benchmarks and demo data keep to databases of their own, or mark one as demo."""


def collections() -> set[str]:
    declared = set(core_mongo.declared_indexes())
    tables = {
        model._meta.db_table
        for model in apps.get_models(include_auto_created=True)
        if router.db_for_read(model) == DEFAULT_DB_ALIAS
    }
    named: set[str] = set()
    for source in SOURCES.rglob("*.py"):
        if source.relative_to(SOURCES).parts[0] not in NOT_IN_THE_DASHBOARDS_DATABASE:
            named |= set(NAMED.findall(source.read_text()))
    return declared | tables | named


def test_every_collection_is_held_or_holds_nothing_and_says_why():
    held = {name for holding in holdings.registered() for name in holding.collections}
    nothing = holdings.reasons()
    missing = collections() - held - set(nothing)
    assert not missing, (
        f"{sorted(missing)}: register a Holding in the app's holdings.py, "
        "or name the reason with holdings.nothing_in"
    )
    assert not held & set(nothing)
    assert all(reason.strip() for reason in nothing.values())


def test_each_collection_belongs_to_one_holding():
    held = [name for holding in holdings.registered() for name in holding.collections]
    assert len(held) == len(set(held))


def test_the_account_goes_last():
    assert holdings.registered()[-1].name == "account"
