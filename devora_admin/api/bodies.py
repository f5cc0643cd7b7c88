"""The body of a request, checked against its schema."""

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from django.http import HttpRequest
from pydantic import BaseModel, ValidationError

from devora_admin.api.errors import BadRequest, UnsupportedMediaType
from devora_admin.core.errors import InvalidInput, TooLarge

MAX_BYTES = 512 * 1024
_MOST_FAULTS = 20
_LONGEST_POINTER = 200

M = TypeVar("M", bound=BaseModel)


def read(request: HttpRequest, schema: type[M], *, most_bytes: int = MAX_BYTES) -> M:
    """Raises UnsupportedMediaType, TooLarge, BadRequest for what is no JSON, or InvalidInput that
    names each field."""
    claimed = request.headers.get("Content-Length") or "0"
    if not claimed.isascii() or not claimed.isdecimal() or int(claimed[:20]) > most_bytes:
        raise TooLarge(f"A request may have {most_bytes // 1024} KB.")
    if not request.body:
        raise BadRequest("The request has no body.")
    _check_type(request)
    try:
        return schema.model_validate_json(request.body)
    except ValidationError as error:
        raise _problem(error) from error


def digest_of(request: HttpRequest) -> str:
    """Stands for the whole request."""
    whole = f"{request.method} {request.path}\n".encode() + request.body
    return hashlib.sha256(whole).hexdigest()


def _check_type(request: HttpRequest) -> None:
    charset = request.content_params.get("charset", "utf-8") if request.content_params else "utf-8"
    if request.content_type != "application/json" or charset.lower() != "utf-8":
        raise UnsupportedMediaType("Send JSON in UTF-8, as “Content-Type: application/json”.")
    if request.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise UnsupportedMediaType("Send the JSON as it is, not compressed.")


def _problem(error: ValidationError) -> BadRequest | InvalidInput:
    found = error.errors(include_url=False, include_input=False, include_context=False)
    if found[0]["type"] == "json_invalid":
        return BadRequest(f"The body is not valid JSON. {found[0]['msg'][:200]}.")
    faults = [_fault(each) for each in found[:_MOST_FAULTS]]
    first = faults[0]
    return InvalidInput(f"{first['pointer']}: {first['detail']}", detail={"errors": faults})


def _fault(found: Mapping[str, Any]) -> dict[str, str]:
    return {"detail": f"{found['msg']}.", "pointer": pointer(found["loc"])}


def pointer(steps: Iterable[object]) -> str:
    """A JSON Pointer in a URI fragment."""
    parts = (str(step).replace("~", "~0").replace("/", "~1") for step in steps)
    return ("#" + "".join(f"/{part}" for part in parts))[:_LONGEST_POINTER]
