"""Taking chunks out, beside an embedder that may just store vectors of them."""

from collections.abc import Sequence

from django.db.backends.utils import CursorWrapper


def drop_chunks(cursor: CursorWrapper, ids: Sequence[int]) -> None:
    """With their tasks and vectors.

    Whoever stores a vector holds the chunk's task until it is there. So tasks go first, in the
    order in which they are held, and only a statement after that sees every vector.
    """
    if not ids:
        return
    cursor.execute(
        """
        DELETE FROM memory_embeddingtask WHERE id IN (
            SELECT id FROM memory_embeddingtask WHERE chunk_id = ANY(%s) ORDER BY id FOR UPDATE
        )
        """,
        [list(ids)],
    )
    cursor.execute("DELETE FROM memory_embedding WHERE chunk_id = ANY(%s)", [list(ids)])
    cursor.execute("DELETE FROM memory_chunk WHERE id = ANY(%s)", [list(ids)])
