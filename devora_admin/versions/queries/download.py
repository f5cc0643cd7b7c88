"""A version's files in the shape that the zip of a project is made from."""

from typing import Any

import bson

from devora_admin.core.raw_bson import LENIENT
from devora_admin.versions.queries.versions import Version, contents


def project_files(version: Version) -> list[Any]:
    """Like the project's own `files`, malformed ones included. One round trip."""
    found = contents({entry.sha for entry in version.files}, version)
    return [
        bson.decode(found[entry.sha], LENIENT)["file"]
        if entry.kind == "raw"
        else {"name": entry.path, "content": found[entry.sha].decode("utf-8", "replace")}
        for entry in version.files
    ]
