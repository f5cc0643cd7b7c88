"""Names for what was found that tell nothing of it."""

import hashlib
import hmac

from devora_admin.core import sealed

_PURPOSE = "suggestions"


def of_secret(project_id: str, detector: str, value: str) -> list[str]:
    """The name under each key of the deployment, that of the first key first.

    Keyed: a card has so few digits that a plain digest of it could be turned back.
    """
    text = "\0".join((project_id, detector, value)).encode("utf-8", "surrogatepass")
    return [
        hmac.new(key.value, text, hashlib.sha256).hexdigest()[:40]
        for key in sealed.derived_keys(_PURPOSE)
    ]


def of_fault(event_type: str, code: str, message: str, model: str) -> str:
    text = "\0".join((event_type, code, message, model)).encode("utf-8", "surrogatepass")
    return hashlib.sha256(text).hexdigest()[:40]
