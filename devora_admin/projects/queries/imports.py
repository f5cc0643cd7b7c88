"""What an import took and what it left behind."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from devora_admin.core.errors import NotFound
from devora_admin.projects.documents import import_reports


@dataclass(frozen=True, slots=True)
class LanguageCount:
    name: str
    files: int


@dataclass(frozen=True, slots=True)
class SkippedFile:
    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class ImportReport:
    project_id: str
    at: datetime
    by: str
    source: str
    files: int
    size_bytes: int
    languages: tuple[LanguageCount, ...]
    skipped: tuple[SkippedFile, ...]
    """The first of them; `skipped_count` is how many there were."""
    skipped_count: int

    @property
    def skipped_more(self) -> int:
        return self.skipped_count - len(self.skipped)


def import_report(project_id: str) -> ImportReport:
    """Raises NotFound for a project that was not imported."""
    found: dict[str, Any] | None = import_reports().find_one({"_id": project_id})
    if found is None:
        raise NotFound("import report for a project", project_id)
    return ImportReport(
        project_id=project_id,
        at=found["at"],
        by=found["by"],
        source=found["source"],
        files=found["files"],
        size_bytes=found["size_bytes"],
        languages=tuple(LanguageCount(**each) for each in found["languages"]),
        skipped=tuple(SkippedFile(**each) for each in found["skipped"]),
        skipped_count=found["skipped_count"],
    )
