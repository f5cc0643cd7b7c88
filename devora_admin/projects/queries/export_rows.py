"""A row of the list as a line of CSV."""

from devora_admin.core.csv_lines import moment_cell
from devora_admin.projects.queries.rows import ProjectRow

HEADER = (
    "id", "name", "owner_id", "owner_name", "owner_email", "type", "files", "size_bytes",
    "created_at", "updated_at", "archived_at", "archived", "faults",
)  # fmt: skip


def cells(row: ProjectRow) -> tuple[str, ...]:
    owner = row.owner
    return (
        row.id, row.name, owner.id if owner else "", owner.name if owner else "",
        owner.email if owner else "", row.project_type,
        "" if row.file_count is None else str(row.file_count), str(row.size_bytes),
        moment_cell(row.created_at), moment_cell(row.updated_at), moment_cell(row.archived_at),
        "yes" if row.is_archived else "no", "; ".join(row.faults),
    )  # fmt: skip
