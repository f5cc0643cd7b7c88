"""A customer as a line of CSV."""

from devora_admin.core.csv_lines import moment_cell
from devora_admin.users.queries.rows import CustomerRow

HEADER = (
    "id", "email", "name", "status", "plan", "subscription", "created_at", "last_seen_at", "faults",
)  # fmt: skip


def cells(row: CustomerRow) -> tuple[str, ...]:
    return (
        row.id, row.email, row.name, row.status, row.plan, row.subscription,
        moment_cell(row.created_at), moment_cell(row.last_seen_at), "; ".join(row.faults),
    )  # fmt: skip
