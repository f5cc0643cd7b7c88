"""An issue as the audit log names it: by its number, which is also its address."""

from typing import Any

from devora_admin.staff.audit import Subject

KIND = "issue"


def subject_of(row: dict[str, Any]) -> Subject:
    return Subject(KIND, str(row["number"]), f"#{row['number']} {row['subject']}", row["user_id"])
