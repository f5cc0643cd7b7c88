"""Lines of a CSV file that no spreadsheet takes for formulas."""

import csv
import logging
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

log = logging.getLogger(__name__)
_BOM = "\ufeff"
"""Without it spreadsheets take UTF-8 for something else."""
# Spreadsheets read these at the start of a cell as a formula, the wide forms among them.
_FORMULA = "=+-@\t\r\n|%\uff1d\uff0b\uff0d\uff20\ufeff"


class _Echo:
    def write(self, line: str) -> str:
        return line


def csv_lines(header: Iterable[str], rows: Iterable[Iterable[str]]) -> Iterator[str]:
    """A failure on the way is written as the last line and breaks the file off."""
    writer: Any = csv.writer(_Echo())
    yield _BOM + writer.writerow([harmless(each) for each in header])
    written = 0
    try:
        for cells in rows:
            yield writer.writerow([harmless(cell) for cell in cells])
            written += 1
    except Exception as error:
        log.warning("an export broke off after %d rows: %s", written, type(error).__name__)
        yield writer.writerow([f"INCOMPLETE: the export broke off after {written} rows"])
        raise


def harmless(text: str) -> str:
    """A cell that begins like a formula, spaces aside, gets an apostrophe: it stays text."""
    text = text.replace("\0", "")
    start = text.lstrip(" \u00a0\u3000\u200b")
    return f"'{text}" if start.startswith(tuple(_FORMULA)) else text


def moment_cell(value: datetime | None) -> str:
    return value.astimezone(UTC).isoformat(timespec="milliseconds") if value else ""
