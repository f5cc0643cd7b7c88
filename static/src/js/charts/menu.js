// What is behind a point: a small menu beside it, for the mouse on a chart and for its table's links.
import { element, icon, on } from "../lib/dom.js";
import { daysOf } from "./reading.js";

/** @typedef {{ figure: HTMLElement, title: string, href: string | null, first?: string, last?: string }} Asked */
const MENU = "chart-menu";
const GAP = 4;

/** Opens where it leads when that is one place alone. @param {Asked} asked @param {number} x @param {number} y */
export function open(asked, x, y) {
  const places = leading(asked);
  if (places.length === 1 && asked.href) return location.assign(asked.href);
  if (!places.length) return;
  const menu = made();
  menu.replaceChildren(
    element("p", { class: "dropdown-header mb-0" }, asked.title),
    ...places.map(([name, label, href]) => element("a", { class: "dropdown-item", href }, icon(name), label)),
  );
  menu.showPopover();
  const size = menu.getBoundingClientRect();
  menu.style.left = `${Math.max(GAP, Math.min(x, document.documentElement.clientWidth - size.width - GAP))}px`;
  menu.style.top = `${Math.max(GAP, Math.min(y, window.innerHeight - size.height - GAP))}px`;
  /** @type {HTMLElement | null} */ (menu.querySelector(".dropdown-item"))?.focus();
}

/** Icon, label and address of each. @param {Asked} asked @returns {[string, string, string][]} */
function leading({ figure, href, first, last }) {
  /** @type {[string, string, string][]} */
  const found = [];
  const group = href && new URL(href, location.href).searchParams.get("group");
  const { projectsUrl } = figure.dataset;
  if (href && !(group && projectsUrl && first)) return [["boxes", "Projects", href]]; // of projects already
  if (href) found.push(["people", "Customers", href]);
  if (group && projectsUrl) found.push(["boxes", "Projects", `${projectsUrl}?${new URLSearchParams({ archived: "any", group })}`]);
  if (first && last) found.push(["bar-chart", first === last ? "Explore this day" : "Explore these days", explored(figure, first, last)]);
  return found;
}

/** @param {HTMLElement} figure @param {string} first @param {string} last */
function explored(figure, first, last) {
  const url = new URL(figure.dataset.exploreUrl || location.href, location.href);
  for (const name of ["days", "grain"]) url.searchParams.delete(name);
  url.searchParams.set("first", first);
  url.searchParams.set("last", last);
  return url.pathname + url.search;
}

function made() {
  const there = document.getElementById(MENU);
  if (there) return there;
  const menu = element("div", { class: "dropdown-menu", id: MENU, popover: "", "aria-label": "What is behind this point" });
  document.body.append(menu);
  return menu;
}

on("click", "[data-chart-table] td a", (link, event) => {
  const { metaKey, ctrlKey, shiftKey, altKey, button } = /** @type {MouseEvent} */ (event);
  const figure = /** @type {HTMLElement | null} */ (link.closest("[data-chart]"));
  if (!figure || metaKey || ctrlKey || shiftKey || altKey || button) return;
  event.preventDefault();
  const row = /** @type {HTMLTableRowElement} */ (link.closest("tr"));
  const at = link.getBoundingClientRect();
  const title = `${row.cells[0].textContent}: ${link.textContent}`;
  open({ figure, title, href: link.getAttribute("href"), ...daysOf(row) }, at.left, at.bottom + GAP);
});
