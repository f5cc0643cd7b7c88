// Go to a file by a few letters of its path.
import { element } from "../../lib/dom.js";
import { folderOf, nameOf } from "../lib.js";
import { open, project, recentPaths } from "../workspace.js";
import { rank } from "./fuzzy.js";
import { fileIcon } from "./tree.js";

const MOST = 50;
const dialog = /** @type {HTMLDialogElement} */ (document.getElementById("editor-finder"));
const input = /** @type {HTMLInputElement} */ (dialog.querySelector("input"));
const list = /** @type {HTMLElement} */ (dialog.querySelector("[role=listbox]"));
let at = 0;

export function openFinder() {
  if (dialog.open || document.querySelector("dialog[open]")) return;
  input.value = "";
  dialog.showModal();
  render();
}

function render() {
  at = 0;
  const found = rank(project.files.map((row) => row.path), input.value.trim(), recentPaths().slice(1));
  list.replaceChildren(...found.slice(0, MOST).map(optionOf));
  dialog.querySelector("[data-finder-empty]")?.toggleAttribute("hidden", found.length > 0);
  choose(0);
}

/** @param {{path: string, hits: number[]}} match @param {number} number */
function optionOf({ path, hits }, number) {
  const start = path.length - nameOf(path).length;
  const name = element("span", { class: "finder-name" }, ...letters(path, start, path.length, hits));
  const folder = element("span", { class: "finder-folder" }, ...letters(path, 0, folderOf(path).length, hits));
  const option = element("div", { role: "option", id: `finder-${number}`, "data-path": path, class: "finder-option" }, fileIcon(path), name, folder);
  return option;
}

/** @param {string} path @param {number} from @param {number} to @param {number[]} hits */
function letters(path, from, to, hits) {
  const marked = new Set(hits);
  const parts = [];
  for (let index = from; index < to; index += 1) {
    parts.push(marked.has(index) ? element("b", {}, path[index]) : path[index]);
  }
  return parts;
}

/** @param {number} number */
function choose(number) {
  const options = [...list.children];
  at = options.length ? (number + options.length) % options.length : 0;
  options.forEach((option, each) => option.setAttribute("aria-selected", String(each === at)));
  input.setAttribute("aria-activedescendant", options.length ? `finder-${at}` : "");
  options[at]?.scrollIntoView({ block: "nearest" });
}

/** @param {Element | null | undefined} option */
function use(option) {
  const path = option?.getAttribute("data-path");
  if (!path) return;
  dialog.close();
  open(path);
}

export function startFinder() {
  input.addEventListener("input", render);
  input.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) choose(at + step);
    else if (event.key === "Enter") use(list.children[at]);
    else return;
    event.preventDefault();
  });
  list.addEventListener("click", (event) => use(/** @type {Element} */ (event.target).closest("[role=option]")));
}
