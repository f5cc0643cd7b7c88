"""What waits is read, and memory is emptied to be made anew."""

from devora_admin.memory.documents import queue
from devora_admin.memory.indexing import work
from devora_admin.memory.store.models import Preference, Source
from tests import factories


def read_what_waits() -> None:
    """As a worker does it in the next seconds."""
    while queue().count_documents({"due_at": {"$exists": True}}):
        queue().update_many({"due_at": {"$exists": True}}, {"$set": {"due_at": factories.EPOCH}})
        work.index_some()


def forget_everything() -> None:
    """As a rebuild begins."""
    Source.objects.all().delete()
    Preference.objects.all().delete()
