"""What the audit log says of changes to projects."""

from devora_admin.staff import wording


def register() -> None:
    """Called once, when the app is ready."""
    wording.say(
        {
            "conversations.drop": "Deleted old conversations that were moved and verified",
            "conversations.migrate": "Began to move old conversations into the projects",
            "conversations.migrate.end": "Moved old conversations into the projects",
            "project.archive": "Archived the project",
            "project.delete": "Deleted the project for good",
            "project.describe": "Changed the description",
            "project.duplicate": "Copied a project",
            "project.file.edit": "Edited a file",
            "project.files.create": "Made a file",
            "project.files.delete": "Deleted files",
            "project.files.edit": "Edited several files",
            "project.files.move": "Moved or renamed files",
            "project.files.undo": "Brought deleted files back",
            "project.import": "Imported a project",
            "project.metadata.add": "Added to the metadata",
            "project.metadata.json": "Edited the metadata as JSON",
            "project.metadata.remove": "Removed from the metadata",
            "project.metadata.rename": "Renamed a key of the metadata",
            "project.metadata.set": "Changed the metadata",
            "project.rename": "Renamed the project",
            "project.restore": "Restored the project",
            "project.transfer": "Gave the project to another customer",
        }
    )
    wording.tell("project.file.edit", permission="projects.view", how=_edited)


def _edited(before: wording.Values, after: wording.Values) -> str:
    path = after.get("path")
    return f"Edited {path[:200]}" if isinstance(path, str) else "Edited a file"
