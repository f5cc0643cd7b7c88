"""What a browser without scripts sends together with a form."""

from django.http import HttpRequest

from devora_admin.staff import audit
from devora_admin.support.queries.attachments import Attachment, unsent
from devora_admin.support.services import attaching


def kept_with(request: HttpRequest, files: list[Attachment]) -> None:
    """Keeps each and adds it, so that those before a faulty one stay with what was typed.

    Raises InvalidInput, TooLarge, Conflict.
    """
    actor = audit.actor_of(request)
    for file in request.FILES.getlist("files")[: attaching.MOST]:
        content = file.read(attaching.MAX_BYTES + 1)
        kept = attaching.keep_file(file.name or "", file.content_type or "", content, actor=actor)
        files.append(kept)


def named_in(request: HttpRequest) -> list[Attachment]:
    """Those kept before, which the form names."""
    ids = request.POST.getlist("attachment_id")[: attaching.MOST * 2]
    return unsent(ids, staff_id=audit.actor_of(request).id)
