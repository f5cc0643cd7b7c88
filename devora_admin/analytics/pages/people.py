"""From a point of a chart to the customers behind it."""

from devora_admin.analytics.queries.table import Row, Table


def behind(table: Table, row: Row, at: int) -> str:
    """The address of a list; "" where there is none."""
    return ""
