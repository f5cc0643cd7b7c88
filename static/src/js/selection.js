// Rows to act on. Inside [data-selection]: [data-select-all], [data-select-row] checkboxes,
// a hidden [data-select-bar] with [data-select-count]. [data-select-matching] chooses
// everything that matches the filters, in the hidden input [data-select-scope].
import { on } from "./lib/dom.js";

/** @param {Element} area @param {boolean} matching */
function show(area, matching = false) {
  const rows = /** @type {HTMLInputElement[]} */ ([...area.querySelectorAll("[data-select-row]")]);
  const chosen = rows.filter((row) => row.checked);
  for (const row of rows) row.closest("tr")?.classList.toggle("is-selected", row.checked);
  const all = /** @type {HTMLInputElement | null} */ (area.querySelector("[data-select-all]"));
  if (all) {
    all.checked = rows.length > 0 && chosen.length === rows.length;
    all.indeterminate = chosen.length > 0 && chosen.length < rows.length;
  }
  const scope = /** @type {HTMLInputElement | null} */ (area.querySelector("[data-select-scope]"));
  if (scope) scope.value = matching ? "matching" : "rows";
  const bar = area.querySelector("[data-select-bar]");
  bar?.toggleAttribute("hidden", chosen.length === 0);
  bar?.querySelector("[data-select-offer]")?.toggleAttribute("hidden", matching || !all?.checked);
  const count = bar?.querySelector("[data-select-count]");
  const offer = area.querySelector("[data-select-matching]");
  if (!count) return;
  count.textContent = matching ? (offer?.getAttribute("data-select-matching") ?? "all") : String(chosen.length);
}

/** @param {Element} control */
const areaOf = (control) => control.closest("[data-selection]");

on("change", "[data-select-row]", (row) => show(/** @type {Element} */ (areaOf(row))));
on("change", "[data-select-all]", (all) => {
  const area = /** @type {Element} */ (areaOf(all));
  const { checked } = /** @type {HTMLInputElement} */ (all);
  for (const row of area.querySelectorAll("[data-select-row]")) {
    /** @type {HTMLInputElement} */ (row).checked = checked;
  }
  show(area);
});
on("click", "[data-select-matching]", (button) => show(/** @type {Element} */ (areaOf(button)), true));
on("click", "[data-select-none]", (button) => {
  const area = /** @type {Element} */ (areaOf(button));
  for (const row of area.querySelectorAll("[data-select-row]")) {
    /** @type {HTMLInputElement} */ (row).checked = false;
  }
  show(area);
});
document.addEventListener("htmx:afterSettle", () => document.querySelectorAll("[data-selection]").forEach((area) => show(area)));
// The browser keeps ticks over a reload.
window.addEventListener("pageshow", () => document.querySelectorAll("[data-selection]").forEach((area) => show(area)));
