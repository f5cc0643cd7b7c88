"""New projects from a zip or a folder, each with its report and its audit row, or not at all."""

from pathlib import Path
from typing import IO, Any

from bson import ObjectId
from pymongo.client_session import ClientSession
from pymongo.errors import PyMongoError

from devora_admin.core import clock, mongo
from devora_admin.core.errors import InvalidInput, TooLarge
from devora_admin.core.ids import new_id
from devora_admin.projects.archives.collect import collect
from devora_admin.projects.archives.entries import Collected
from devora_admin.projects.archives.folder import DiskFolder
from devora_admin.projects.archives.zip_reader import open_zip
from devora_admin.projects.documents import import_reports, projects
from devora_admin.projects.services import marking
from devora_admin.projects.services.lifecycle import MAX_NAME
from devora_admin.staff import audit
from devora_admin.users import queries as customers

ACTION = "project.import"
MAX_TYPE = 50
MAX_SKIPPED_SHOWN = 500


def import_zip(
    file: IO[bytes], *, user_id: str, name: str, project_type: str, source: str, actor: audit.Actor
) -> str:
    """Returns the new project's id. Raises InvalidInput naming the field; then nothing is written.

    source: the file's name, for the report.
    """
    _check_customer(user_id)
    with open_zip(file) as root:
        found = collect(root)
    return _create(
        found, user_id=user_id, name=name, project_type=project_type, source=source, actor=actor
    )


def import_path(
    path: Path, *, user_id: str, name: str, project_type: str, actor: audit.Actor
) -> str:
    """Like `import_zip`, from a folder or a zip on this machine."""
    if path.is_dir():
        _check_customer(user_id)
        found = collect(DiskFolder(path))
        return _create(
            found, user_id=user_id, name=name, project_type=project_type, source=path.name,
            actor=actor,
        )  # fmt: skip
    if not path.is_file():
        raise InvalidInput(f"{path} is neither a folder nor a zip file.")
    try:
        with path.open("rb") as file:
            return import_zip(
                file, user_id=user_id, name=name, project_type=project_type, source=path.name,
                actor=actor,
            )  # fmt: skip
    except OSError as error:
        raise InvalidInput(f"{path} cannot be read ({error.strerror}).") from error


def _check_customer(user_id: str) -> None:
    standing = customers.standing(user_id) if user_id else None
    if standing is None:
        raise InvalidInput("There is no customer with this id.", field="user_id")
    if standing != "active":
        raise InvalidInput(f"This customer is {standing}. Choose another.", field="user_id")


def _create(
    found: Collected,
    *,
    user_id: str,
    name: str,
    project_type: str,
    source: str,
    actor: audit.Actor,
) -> str:
    name = _line(name, field="name", label="The name", limit=MAX_NAME)
    project_type = _line(project_type, field="project_type", label="The type", limit=MAX_TYPE)
    now = clock.now()
    project: dict[str, Any] = {
        "_id": ObjectId(),
        "id": new_id(),
        "user_id": user_id,
        "name": name,
        "description": "",
        "project_type": project_type,
        "files": [
            {"name": file.name, "content": file.content, "language": file.language}
            for file in found.files
        ],
        "metadata": {},
        "conversation_history": [],
        "created_at": now,
        "updated_at": now,
        "revision": 0,
        marking.FIELD: marking.edited_by(actor, ACTION, at=now),
    }
    report = _report(project["id"], found, source=source, actor=actor)
    subject = audit.Subject("project", project["id"], name, user_id)
    after = {
        "name": name,
        "project_type": project_type,
        "source": report["source"],
        "files": report["files"],
        "skipped": report["skipped_count"],
    }

    def work(session: ClientSession) -> None:
        projects().insert_one(project, session=session)
        import_reports().insert_one(report, session=session)
        audit.record(ACTION, actor=actor, subject=subject, after=after, session=session)

    try:
        mongo.run_in_transaction(work)
    except PyMongoError as error:
        if mongo.is_too_large(error):
            raise TooLarge("The files do not fit into the 16 MB of a project.") from error
        raise
    return str(project["id"])


def _report(
    project_id: str, found: Collected, *, source: str, actor: audit.Actor
) -> dict[str, Any]:
    return {
        "_id": project_id,
        "at": clock.now(),
        "by": actor.label,
        "source": source[:200],
        "files": len(found.files),
        "size_bytes": found.content_bytes,
        "languages": [{"name": name, "files": count} for name, count in found.languages()],
        "skipped": [
            {"name": skipped.name, "reason": skipped.reason}
            for skipped in found.skipped[:MAX_SKIPPED_SHOWN]
        ],
        "skipped_count": len(found.skipped),
    }


def _line(text: str, *, field: str, label: str, limit: int) -> str:
    text = text.strip()
    if not text:
        raise InvalidInput(f"{label} is missing.", field=field)
    if len(text) > limit:
        raise InvalidInput(
            f"{label} may have {limit} characters; this has {len(text)}.", field=field
        )
    if not text.isprintable():
        raise InvalidInput(f"{label} has a character that cannot be shown.", field=field)
    return text
