"""Who may not be written about any more. The row of the receipt is the fence, and a lock per
customer makes sure that nobody is past the check and has not written yet when it goes up."""

from collections.abc import Iterable

from django.db.backends.utils import CursorWrapper

from devora_admin.core import clock

_KEY = "hashtextextended('memory of ' || %s, 0)"


def may_write(cursor: CursorWrapper, user_id: str) -> bool:
    """Whether this transaction may write about the customer; holds until its end."""
    cursor.execute(f"SELECT pg_advisory_xact_lock_shared({_KEY})", [user_id])
    cursor.execute("SELECT 1 FROM memory_erasurereceipt WHERE user_id = %s", [user_id])
    return cursor.fetchone() is None


def put_up(cursor: CursorWrapper, user_ids: Iterable[str]) -> None:
    """After this transaction nothing is written about them."""
    for user_id in sorted(user_ids):
        cursor.execute(f"SELECT pg_advisory_xact_lock({_KEY})", [user_id])
        cursor.execute(
            "INSERT INTO memory_erasurereceipt (user_id, fenced_at, counts)"
            " VALUES (%s, %s, '{}') ON CONFLICT (user_id) DO NOTHING",
            [user_id, clock.now()],
        )
