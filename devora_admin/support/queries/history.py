"""Who did what to an issue, from the audit log."""

from devora_admin.staff.queries.audit_log import AuditFilters, AuditPage, audit_page
from devora_admin.support.subject import KIND


def history_of(number: int, *, cursor: str = "") -> AuditPage:
    """The latest first, with what was before and after. Raises InvalidInput for a bad cursor."""
    return audit_page(
        AuditFilters(kind=KIND, subject=str(number)), [], cursor=cursor, with_values=True
    )
