"""What can go wrong in the domain. core.middleware turns each into a page, a fragment or JSON."""

from collections.abc import Mapping
from types import MappingProxyType


class DomainError(Exception):
    """message: one sentence a person can act on. `detail`: JSON-safe facts for a script."""

    status = 500
    code = "error"
    title = "Something went wrong"
    headers: Mapping[str, str] = MappingProxyType({})
    """Of the answer, besides."""

    def __init__(self, message: str, *, detail: dict[str, object] | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.detail = detail or {}


class NotFound(DomainError):
    status = 404
    code = "not_found"
    title = "Not found"

    def __init__(self, kind: str, key: str) -> None:
        shown = key if len(key) <= 64 else key[:61] + "…"
        super().__init__(f"There is no {kind} with the id “{shown}”.")


class Forbidden(DomainError):
    status = 403
    code = "forbidden"
    title = "Not allowed"


class Conflict(DomainError):
    """Somebody else changed the subject since it was read; nothing was written."""

    status = 409
    code = "conflict"
    title = "Changed by someone else"


class InvalidInput(DomainError):
    status = 422
    code = "invalid"
    title = "That cannot be used"

    def __init__(
        self, message: str, *, field: str = "", detail: dict[str, object] | None = None
    ) -> None:
        super().__init__(message, detail=detail)
        self.field = field


class TooLarge(DomainError):
    status = 413
    code = "too_large"
    title = "Too large"


class StoreUnavailable(DomainError):
    status = 503
    code = "store_unavailable"
    title = "Back in a moment"

    def __init__(self, message: str = "The database is not answering. Nothing was lost.") -> None:
        super().__init__(message)
