// A chart is drawn from the table beside it, so the two cannot tell different things.

/**
 * @typedef {{ value: number | null, text: string, href: string | null }} Point
 * @typedef {{ name: string, isBefore: boolean, points: Point[] }} Series
 * @typedef {{ at: number, text: string, href: string | null }} Note
 * @typedef {{ columns: string[], days: { first?: string, last?: string }[], series: Series[], notes: Note[], unit: string, kind: string }} Read
 */

const NONE = "—";

/** @param {HTMLElement} figure @returns {Read | null} */
export function read(figure) {
  const table = figure.querySelector("table[data-chart-table]");
  if (!(table instanceof HTMLTableElement) || !table.tHead) return null;
  const rows = [...table.tBodies[0].rows];
  const heads = [...table.tHead.rows[0].cells].slice(1);
  return {
    columns: rows.map((row) => text(row.cells[0])),
    days: rows.map(daysOf),
    series: heads.map((head, at) => ({
      name: text(head),
      isBefore: "before" in head.dataset,
      points: rows.map((row) => point(row.cells[at + 1])),
    })),
    notes: notes(figure, rows),
    unit: figure.dataset.unit ?? "count",
    kind: figure.dataset.chart ?? "line",
  };
}

/** The first and the last day of a row; none where its head is no time. @param {HTMLTableRowElement} row */
export function daysOf({ dataset: { first, last } }) {
  return { first, last: last ?? first };
}

/** @param {HTMLTableCellElement | undefined} cell @returns {Point} */
function point(cell) {
  const shown = cell ? text(cell) : NONE;
  return {
    // A whole number is its own text.
    value: shown === NONE ? null : Number(cell?.dataset.value ?? shown.replaceAll(",", "")),
    text: shown,
    href: cell?.querySelector("a")?.getAttribute("href") ?? null,
  };
}

/** @param {HTMLElement} figure @param {HTMLTableRowElement[]} rows @returns {Note[]} */
function notes(figure, rows) {
  return [...figure.querySelectorAll("[data-chart-note]")].flatMap((item) => {
    const at = Number(/** @type {HTMLElement} */ (item).dataset.chartNote);
    if (!rows[at]) return [];
    return [{ at, text: text(item), href: item.querySelector("a")?.getAttribute("href") ?? null }];
  });
}

/** @param {Element} element */
function text(element) {
  return element.textContent.replace(/\s+/g, " ").trim();
}
