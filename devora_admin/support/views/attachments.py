"""Files of messages, downloaded; only pictures of pixels are shown as part of the site."""

from urllib.parse import quote

from django.http import HttpRequest, HttpResponseBase, StreamingHttpResponse
from django.views.decorators.http import require_safe

from devora_admin.staff.permissions import staff_can
from devora_admin.support.queries.attachments import open_attachment


@require_safe
@staff_can("issues.view")
def attachment(request: HttpRequest, number: int, attachment_id: str) -> HttpResponseBase:
    found, pieces = open_attachment(number, attachment_id)
    response = StreamingHttpResponse(pieces, content_type=found.type)
    kind = "inline" if found.is_shown_inline else "attachment"
    response["Content-Disposition"] = f"{kind}; filename*=UTF-8''{quote(found.name, safe='')}"
    response["Content-Length"] = str(found.size_bytes)
    return response
