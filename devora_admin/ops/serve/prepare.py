"""Bring stores and assets to what this version of the code expects."""

import secrets

from django.conf import settings
from django.core.management import call_command
from django.db import connections

from devora_admin.core import mongo
from devora_admin.ops.assets import AssetsError, ensure_assets
from devora_admin.ops.serve.checks import CannotServe
from devora_admin.ops.serve.steps import Report, step
from devora_admin.staff import audit, services
from devora_admin.staff.models import StaffUser

DEMO_EMAIL = "demo@devora.local"


def prepare(*, demo: bool) -> str:
    """What to tell about signing in, once the pages can be opened."""
    with step("Migrations"):
        call_command("migrate", interactive=False, verbosity=0)
    with step("Indexes"):
        mongo.ensure_indexes()
    if settings.MEMORY_ENABLED:
        with step("Memory") as report:
            _prepare_memory(report)
    with step("Assets") as report:
        _build_assets(report)
    if model_is_wanted():
        with step("Embedding model") as report:
            fetch_model(report)
    if demo:
        with step("Demo data") as report:
            _seed(report)
    words = _demo_account() if demo else _no_account()
    connections.close_all()
    return words


def _prepare_memory(report: Report) -> None:
    """Memory may be away: the worker prepares it once it is back."""
    from devora_admin.memory.errors import MemoryUnavailable
    from devora_admin.memory.store import schema

    try:
        schema.make_ready()
    except MemoryUnavailable:
        report("MEMORY_DATABASE_URL is not answering; going on without memory until it does")


def _build_assets(report: Report) -> None:
    try:
        ensure_assets(report)
    except AssetsError as error:
        raise CannotServe(str(error)) from error


def model_is_wanted() -> bool:
    return bool(settings.MEMORY_ENABLED) and settings.EMBEDDING_PROVIDER == "minilm"


def fetch_model(report: Report) -> None:
    """Memory works without it, so that it is told and no reason to stop."""
    from devora_admin.memory.embedding import EmbedderUnavailable
    from devora_admin.memory.embedding.minilm.setup import ensure_model

    try:
        ensure_model(report)
    except EmbedderUnavailable as error:
        report(str(error))


def _seed(report: Report) -> None:
    from devora_admin.ops import demo

    demo.seed_if_empty(report)


def _demo_account() -> str:
    if StaffUser.objects.filter(email=DEMO_EMAIL).exists():
        return (
            f"Sign in as {DEMO_EMAIL} with the password of the first run"
            f" (a new one: manage.py staff_link {DEMO_EMAIL})."
        )
    password = secrets.token_urlsafe(12)
    services.create_staff(
        DEMO_EMAIL, role="editor", password=password, name="Demo", actor=audit.SYSTEM
    )
    return (
        f"Sign in as {DEMO_EMAIL} with the password {password} (shown this once).\n"
        "That is an editor, without a second step. Make an admin, who also sees staff, the audit\n"
        "log and erasures, with: manage.py create_staff EMAIL --role admin"
    )


def _no_account() -> str:
    if StaffUser.objects.exists():
        return ""
    return "No staff account yet: make one with manage.py create_staff EMAIL --role admin."
