// The side: files or search, shown or not.
import { focusSearch } from "./search.js";
import { focusTree } from "./tree.js";

const frame = /** @type {HTMLElement} */ (document.querySelector("[data-editor]"));
const narrow = window.matchMedia("(max-width: 767.98px)");
const buttons = () => /** @type {HTMLElement[]} */ ([...frame.querySelectorAll("[data-panel-button]")]);
let shown = "files";

/** @param {string} name files, search, or "" for none @param {{focus?: boolean, text?: string}} [how] */
export function showPanel(name, { focus = false, text = "" } = {}) {
  if (name) shown = name;
  frame.toggleAttribute("data-side-shut", !name);
  for (const panel of frame.querySelectorAll("[data-panel]")) {
    panel.toggleAttribute("hidden", panel.getAttribute("data-panel") !== name);
  }
  for (const button of buttons()) button.setAttribute("aria-pressed", String(button.dataset.panelButton === name));
  if (!focus) return;
  if (name === "search") focusSearch(text);
  else if (name === "files") focusTree();
}

export const togglePanel = () => showPanel(frame.hasAttribute("data-side-shut") ? shown : "");

export function startPanels() {
  frame.addEventListener("click", (event) => {
    const button = /** @type {HTMLElement | null} */ (/** @type {Element} */ (event.target).closest("[data-panel-button]"));
    if (!button) return;
    const name = button.dataset.panelButton ?? "";
    showPanel(button.getAttribute("aria-pressed") === "true" ? "" : name, { focus: true });
  });
  // On a phone the side lies over the text and goes once a file is chosen.
  frame.querySelector("[data-side]")?.addEventListener("click", (event) => {
    const chosen = /** @type {Element} */ (event.target).closest(".tree-row:not([aria-expanded]), .hit");
    if (chosen && narrow.matches) showPanel("");
  });
  showPanel(narrow.matches ? "" : "files");
}
