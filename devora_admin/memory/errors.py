"""What can go wrong in memory. Pages show the message in place of what they would have shown."""

from devora_admin.core.errors import DomainError


class MemoryUnavailable(DomainError):
    """PostgreSQL is stopped, hung or out of reach."""

    status = 503
    code = "memory_unavailable"
    title = "Memory is not answering"
    passes_by_itself = True

    def __init__(
        self,
        message: str = "Memory is not answering. Everything else works, and nothing is lost.",
    ) -> None:
        super().__init__(message)


class MemoryTooSlow(DomainError):
    """PostgreSQL is well, and the question took longer than a person waits."""

    status = 503
    code = "memory_too_slow"
    title = "Memory took too long"
    passes_by_itself = False

    def __init__(
        self, message: str = "Memory took too long. Narrow the search, or try again."
    ) -> None:
        super().__init__(message)


class MemoryOff(DomainError):
    status = 404
    code = "memory_off"
    title = "Memory is off"

    def __init__(
        self, message: str = "Memory is off. Start the server with MEMORY_ENABLED=1 to use it."
    ) -> None:
        super().__init__(message)
