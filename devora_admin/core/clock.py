from datetime import UTC, datetime


def now() -> datetime:
    """The current time, aware, UTC, cut to milliseconds as BSON stores it."""
    moment = datetime.now(UTC)
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)
