"""The list as a CSV file, streamed page by page."""

import csv
import logging
from collections.abc import Iterator
from typing import Any

from django.http import HttpRequest, HttpResponseBase, StreamingHttpResponse
from django.views.decorators.http import require_GET

from devora_admin.core import clock
from devora_admin.core.errors import InvalidInput
from devora_admin.projects.forms.listing import ListForm
from devora_admin.projects.queries import listing
from devora_admin.projects.queries.asked import resolve
from devora_admin.projects.queries.export_rows import HEADER, csv_row, every_row
from devora_admin.staff.permissions import staff_can

log = logging.getLogger(__name__)
_BOM = "\ufeff"
"""Without it spreadsheets take UTF-8 for something else."""


@require_GET
@staff_can("projects.export")
def export_csv(request: HttpRequest) -> HttpResponseBase:
    """A failure on the way is written as the last line and breaks the download off."""
    form = ListForm(request.GET)
    if not form.is_valid():
        field, errors = next(iter(form.errors.items()))
        raise InvalidInput(str(errors[0]), field=field)
    asked = resolve(form.listing()).listing
    number = listing.count(asked.filters, most=listing.MOST_EXPORTED)
    response = StreamingHttpResponse(_lines(asked), content_type="text/csv; charset=utf-8")
    name = f"projects-{clock.now():%Y-%m-%d}-{number}-rows.csv"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["X-Row-Count"] = str(number)
    return response


class _Echo:
    def write(self, line: str) -> str:
        return line


def _lines(asked: listing.Listing) -> Iterator[str]:
    writer: Any = csv.writer(_Echo())
    yield _BOM + writer.writerow(HEADER)
    written = 0
    try:
        for row in every_row(asked):
            yield writer.writerow(csv_row(row))
            written += 1
    except Exception as error:
        log.warning("an export broke off after %d rows: %s", written, type(error).__name__)
        yield writer.writerow([f"INCOMPLETE: the export broke off after {written} rows"])
        raise
