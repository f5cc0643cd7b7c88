// The open files.
import { element, icon } from "../../lib/dom.js";
import { folderOf, nameOf } from "../lib.js";
import { activeDocument, close, documents, open, stateChanged, tabs, tabsChanged } from "../workspace.js";
import { fileIcon } from "./tree.js";

const bar = /** @type {HTMLElement} */ (document.querySelector("[data-tabs]"));
const STATES = { unsaved: "unsaved", saving: "saving", offline: "not saved yet", signed_out: "not saved yet", conflict: "conflict", gone: "deleted elsewhere", refused: "not saved" };

function render() {
  const active = activeDocument()?.path ?? "";
  const names = tabs.map(nameOf);
  bar.replaceChildren(
    ...tabs.map((path) => {
      const twin = names.filter((name) => name === nameOf(path)).length > 1;
      return tabOf(path, path === active, twin ? folderOf(path) || "/" : "");
    }),
  );
  bar.hidden = tabs.length === 0;
  bar.querySelector("[aria-current]")?.scrollIntoView({ block: "nearest", inline: "nearest" });
}

/** @param {string} path @param {boolean} isActive @param {string} where tells apart files of one name */
function tabOf(path, isActive, where) {
  const name = element("button", { type: "button", class: "ed-tab-name", title: path, ...(isActive ? { "aria-current": "true" } : {}) });
  name.append(fileIcon(path), element("span", {}, nameOf(path)));
  if (where) name.append(element("small", {}, where));
  const mark = element("span", { class: "ed-tab-mark" });
  name.append(mark);
  const shut = element("button", { type: "button", class: "ed-tab-close", "aria-label": `Close ${path}`, tabindex: "-1" }, icon("x"));
  const tab = element("div", { class: "ed-tab", "data-path": path }, name, shut);
  show(tab, path);
  return tab;
}

/** @param {HTMLElement} tab @param {string} path */
function show(tab, path) {
  const state = documents.get(path)?.state ?? "saved";
  tab.dataset.state = state;
  const mark = /** @type {HTMLElement} */ (tab.querySelector(".ed-tab-mark"));
  const words = STATES[/** @type {keyof STATES} */ (state)] ?? "";
  mark.replaceChildren(...(words ? [element("span", { class: "visually-hidden" }, `, ${words}`)] : []));
}

/** @param {number} step */
export function nextTab(step) {
  if (!tabs.length) return;
  const at = tabs.indexOf(activeDocument()?.path ?? "");
  open(tabs[(at + step + tabs.length) % tabs.length]);
}

export function startTabs() {
  tabsChanged.add(render);
  stateChanged.add((doc) => {
    const tab = /** @type {HTMLElement | undefined} */ ([...bar.children].find((each) => /** @type {HTMLElement} */ (each).dataset.path === doc.path));
    if (tab) show(tab, doc.path);
  });
  const pathOf = (/** @type {Event} */ event) =>
    /** @type {HTMLElement | null} */ (/** @type {Element} */ (event.target).closest("[data-path]"))?.dataset.path;
  bar.addEventListener("click", (event) => {
    const path = pathOf(event);
    if (!path) return;
    if (/** @type {Element} */ (event.target).closest(".ed-tab-close")) close(path);
    else open(path);
  });
  bar.addEventListener("mousedown", (event) => event.button === 1 && event.preventDefault());
  bar.addEventListener("auxclick", (event) => {
    const path = pathOf(event);
    if (path && event.button === 1) close(path);
  });
  render();
}
