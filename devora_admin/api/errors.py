"""What is wrong with a request before anything is asked of the domain."""

from devora_admin.core.errors import DomainError, InvalidInput


class BadRequest(DomainError):
    status = 400
    code = "bad_request"
    title = "Bad request"


class Unauthorized(DomainError):
    status = 401
    code = "unauthorized"
    title = "Not let in"
    headers = {"WWW-Authenticate": "Bearer"}


class MethodNotAllowed(DomainError):
    status = 405
    code = "method_not_allowed"
    title = "Not done this way"

    def __init__(self, allowed: str) -> None:
        super().__init__(f"This address takes {allowed} alone.")
        self.headers = {"Allow": allowed}


class UnsupportedMediaType(DomainError):
    status = 415
    code = "unsupported_media_type"
    title = "Not JSON"


class KeyReused(InvalidInput):
    code = "idempotency_key_reused"
    title = "The key was used already"


class TooManyRequests(DomainError):
    status = 429
    code = "too_many_requests"
    title = "Too many requests"

    def __init__(self, limit: int, retry_after_s: int) -> None:
        super().__init__(f"More than {limit} requests within a minute. Wait, and go on.")
        self.headers = {"Retry-After": str(retry_after_s)}
