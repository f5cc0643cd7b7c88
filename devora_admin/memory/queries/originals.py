"""What an item said before staff corrected it: only the customer's documents have that."""

from collections.abc import Mapping

from devora_admin.memory.indexing import reading
from devora_admin.memory.indexing.sources import document_of
from devora_admin.memory.preferences.decisions import ItemDecision

_TRIED = 5


def original_of(decision: ItemDecision, corrected: Mapping[bytes, ItemDecision]) -> str:
    """ "" where no document has it any more. corrected: by the hash of what each says now."""
    if earlier := corrected.get(decision.sha256):
        return earlier.text
    documents = map(document_of, decision.origins[:_TRIED])
    texts = (reading.said(*each, decision.sha256) for each in documents)
    return next(filter(None, texts), "")
