"""Who did what to an issue, and elsewhere for it, from the audit log."""

from devora_admin.staff.queries.audit_log import AuditFilters, AuditPage, audit_page
from devora_admin.support.subject import KIND


def history_of(number: int, *, cursor: str = "") -> AuditPage:
    """The latest first, with what was before and after. Raises InvalidInput for a bad cursor.

    A row whose subject is no issue was done for this one: to a project, or to its customer.
    """
    filters = AuditFilters(kind=KIND, subject=str(number), with_done_for=True)
    return audit_page(filters, [], cursor=cursor, with_values=True)
