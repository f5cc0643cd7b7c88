// The files as a tree: arrows, Enter, F2, Delete, a menu, drag and drop.
import { element, icon } from "../../lib/dom.js";
import { showToast } from "../../lib/toast.js";
import { boot } from "../boot.js";
import { move, reasonOf, remove, create } from "../changes.js";
import { folderOf, nameOf } from "../lib.js";
import { canEdit, documents, filesChanged, activeDocument, open, project, shown, stateChanged } from "../workspace.js";
import { showMenu } from "./menu.js";
import { askName } from "./name-field.js";
import { branches, filesUnder } from "./tree-shape.js";
import { chooseUpload, uploadDropped } from "./upload.js";

/** @typedef {import("./tree-shape.js").Branch} Branch */

const KEY = `devora-editor-folders:${boot.project?.id}`;
const MANY = 60;
const tree = /** @type {HTMLElement} */ (document.querySelector("[data-tree]"));

/** @type {Set<string>} */
const expanded = new Set(remembered());
/** Folders made here that no file is in yet. @type {Set<string>} */
const empty = new Set();
let current = "";

/** @returns {string[]} */
function remembered() {
  try {
    const kept = JSON.parse(sessionStorage.getItem(KEY) ?? "null");
    if (Array.isArray(kept)) return kept;
  } catch {
    // blocked or damaged: as on a first visit
  }
  const all = branches(project.files, new Set(), () => true).filter((branch) => branch.folder);
  return project.files.length <= MANY ? all.map((branch) => branch.path) : [];
}

function remember() {
  try {
    sessionStorage.setItem(KEY, JSON.stringify([...expanded]));
  } catch {
    // blocked
  }
}

const rows = () => /** @type {HTMLElement[]} */ ([...tree.querySelectorAll("[role=treeitem]")]);
const rowFor = (/** @type {string} */ path) => rows().find((row) => row.dataset.path === path);

export function render() {
  const hadFocus = tree.contains(document.activeElement);
  const visible = branches(project.files, empty, (folder) => expanded.has(folder));
  if (!visible.some((branch) => branch.path === current)) current = visible[0]?.path ?? "";
  tree.replaceChildren(...visible.map(rowOf));
  if (hadFocus) rowFor(current)?.focus();
  tree.parentElement?.querySelector("[data-tree-empty]")?.toggleAttribute("hidden", visible.length > 0);
}

/** @param {Branch} branch */
function rowOf(branch) {
  const isOpen = branch.folder && expanded.has(branch.path);
  const doc = documents.get(branch.path);
  const row = element("div", {
    role: "treeitem",
    class: "tree-row",
    "data-path": branch.path,
    "aria-level": String(branch.level),
    "aria-setsize": String(branch.size),
    "aria-posinset": String(branch.place),
    "aria-selected": String(activeDocument()?.path === branch.path),
    tabindex: branch.path === current ? "0" : "-1",
  });
  row.style.setProperty("--level", String(branch.level));
  if (branch.folder) {
    row.setAttribute("aria-expanded", String(isOpen));
    row.append(icon("chevron-right"), isOpen ? icon("folder2-open") : icon("folder"));
  } else {
    row.append(branch.row?.problem ? icon("exclamation-triangle") : fileIcon(branch.path));
    row.title = branch.row?.problem || branch.path;
  }
  row.append(element("span", { class: "tree-name" }, nameOf(branch.path)));
  if (doc && !branch.folder) row.dataset.state = doc.state;
  row.draggable = canEdit();
  return row;
}

const TEXTS = /\.(md|mdx|txt|rst|csv|log)$/i;
const IMAGES = /\.(svg|png|ico)$/i;
const SETTINGS = /\.(json|ya?ml|toml|ini|env|lock)$|^\.|rc$/i;
/** @param {string} path */
export function fileIcon(path) {
  if (TEXTS.test(path)) return icon("file-earmark-text");
  if (IMAGES.test(path)) return icon("file-earmark-image");
  return SETTINGS.test(nameOf(path)) ? icon("gear") : icon("file-earmark-code");
}

/** @param {string} path @param {boolean} [wanted] */
function toggle(path, wanted = !expanded.has(path)) {
  if (wanted) expanded.add(path);
  else expanded.delete(path);
  remember();
  render();
}

/** @param {string} path */
function goTo(path) {
  current = path;
  for (const row of rows()) row.tabIndex = row.dataset.path === path ? 0 : -1;
  const row = rowFor(path);
  row?.focus();
  row?.scrollIntoView({ block: "nearest" });
}

/** Opens the folders above a file. @param {string} path */
function reveal(path) {
  const missing = parents(path).filter((folder) => !expanded.has(folder));
  missing.forEach((folder) => expanded.add(folder));
  current = path;
  if (missing.length) remember();
  render();
  rowFor(path)?.scrollIntoView({ block: "nearest" });
}

/** @param {string} path */
function parents(path) {
  const parts = path.split("/").slice(0, -1);
  return parts.map((_, at) => parts.slice(0, at + 1).join("/"));
}

const isFolder = (/** @type {string} */ path) => rowFor(path)?.hasAttribute("aria-expanded") ?? false;

export function focusTree() {
  (rowFor(current) ?? rows()[0] ?? tree).focus();
}

/** The folder new things go to. */
const here = () => (isFolder(current) ? current : folderOf(current));

export function newFile(folder = here()) {
  if (!canEdit()) return;
  if (folder) toggle(folder, true);
  askName(tree, rowFor(folder), {
    label: "Name of the new file",
    value: "",
    commit: async (name) => {
      const path = folder ? `${folder}/${name}` : name;
      await create([{ path, content: "" }]);
      empty.delete(folder);
      reveal(path);
      await open(path);
    },
  });
}

export function newFolder(folder = here()) {
  if (!canEdit()) return;
  if (folder) toggle(folder, true);
  askName(tree, rowFor(folder), {
    label: "Name of the new folder",
    value: "",
    commit: async (name) => {
      const path = folder ? `${folder}/${name}` : name;
      empty.add(path);
      expanded.add(path);
      reveal(path);
      newFile(path);
    },
  });
}

/** @param {string} path @param {{whole?: boolean}} [how] whole: the path, not the last part */
function rename(path, { whole = false } = {}) {
  if (!canEdit()) return;
  const folder = folderOf(path);
  askName(tree, rowFor(path), {
    label: whole ? `New path of ${path}` : `New name of ${nameOf(path)}`,
    value: whole ? path : nameOf(path),
    replace: true,
    commit: async (name) => {
      const to = whole || !folder ? name : `${folder}/${name}`;
      await moveTo(path, to);
      reveal(to);
      goTo(to);
    },
  });
}

/** @param {string} from a file or folder @param {string} to */
async function moveTo(from, to) {
  if (from === to) return;
  const moves = filesUnder(project.files, from).map((path) => ({ from: path, to: to + path.slice(from.length) }));
  if (expanded.delete(from)) expanded.add(to);
  if (empty.delete(from)) empty.add(to);
  if (moves.length) await move(moves);
  else render();
}

/** @param {string} path */
async function erase(path) {
  if (!canEdit()) return;
  const at = rows().findIndex((row) => row.dataset.path === path);
  const paths = filesUnder(project.files, path);
  empty.delete(path);
  if (paths.length) await remove(paths);
  else render();
  const next = rows()[Math.min(at, rows().length - 1)];
  if (next?.dataset.path) goTo(next.dataset.path);
}

/** @param {string} path @param {{x: number, y: number}} at */
function menuFor(path, at) {
  const folder = path === "" || isFolder(path);
  const writable = canEdit();
  showMenu(
    [
      ...(folder ? [] : [{ label: "Open", icon: icon("file-earmark"), run: () => void open(path) }]),
      ...(writable
        ? [
            { label: "New file", icon: icon("file-earmark-plus"), run: () => newFile(folder ? path : folderOf(path)) },
            { label: "New folder", icon: icon("folder-plus"), run: () => newFolder(folder ? path : folderOf(path)) },
            { label: "Upload files", icon: icon("upload"), run: () => chooseUpload(folder ? path : folderOf(path)) },
            { label: "Upload a folder", icon: icon("folder-symlink"), run: () => chooseUpload(folder ? path : folderOf(path), true) },
          ]
        : []),
      ...(path ? [null, { label: "Copy path", icon: icon("copy"), run: () => void navigator.clipboard.writeText(path) }] : []),
      ...(path && writable
        ? [
            { label: "Rename", icon: icon("pencil"), run: () => rename(path) },
            { label: "Move", icon: icon("arrow-right"), run: () => rename(path, { whole: true }) },
            { label: "Delete", icon: icon("trash"), run: () => void erase(path), danger: true },
          ]
        : []),
    ],
    at,
  );
}

/** @param {number} step */
function step(step) {
  const all = rows();
  const at = all.findIndex((row) => row.dataset.path === current);
  const next = all[Math.max(0, Math.min(all.length - 1, at + step))];
  if (next?.dataset.path !== undefined) goTo(next.dataset.path);
}

function left() {
  if (isFolder(current) && expanded.has(current)) toggle(current, false);
  else if (folderOf(current)) goTo(folderOf(current));
}

function right() {
  if (!isFolder(current)) return;
  if (expanded.has(current)) step(1);
  else toggle(current, true);
}

function use() {
  if (isFolder(current)) toggle(current);
  else if (current) open(current);
}

/** @type {Record<string, () => void>} */
const KEYS = {
  ArrowDown: () => step(1),
  ArrowUp: () => step(-1),
  ArrowLeft: left,
  ArrowRight: right,
  Home: () => step(-Infinity),
  End: () => step(Infinity),
  Enter: use,
  " ": use,
  F2: () => rename(current),
  Delete: () => void erase(current),
  ContextMenu: () => menuBeside(),
};

function menuBeside() {
  const box = (rowFor(current) ?? tree).getBoundingClientRect();
  menuFor(current, { x: box.left + 32, y: box.bottom });
}

let looked = "";
let lookedAt = 0;
/** Letters go to the next name that begins with them. @param {string} letter */
function lookFor(letter) {
  looked = Date.now() - lookedAt < 800 ? looked + letter : letter;
  lookedAt = Date.now();
  const all = rows();
  const at = all.findIndex((row) => row.dataset.path === current);
  const order = [...all.slice(at + (looked.length === 1 ? 1 : 0)), ...all.slice(0, at + 1)];
  const found = order.find((row) => nameOf(row.dataset.path ?? "").toLowerCase().startsWith(looked));
  if (found?.dataset.path) goTo(found.dataset.path);
}

function listen() {
  tree.addEventListener("keydown", (event) => {
    if (event.target instanceof HTMLInputElement) return;
    if (event.shiftKey && event.key === "F10") menuBeside();
    else if (event.ctrlKey || event.metaKey || event.altKey) return;
    else if (KEYS[event.key]) KEYS[event.key]();
    else if (event.key.length === 1) lookFor(event.key.toLowerCase());
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  tree.addEventListener("click", (event) => {
    const path = pathAt(event);
    if (!path || event.target instanceof HTMLInputElement) return;
    goTo(path);
    if (isFolder(path)) toggle(path);
    else open(path, { focus: false });
  });
  tree.addEventListener("dblclick", (event) => {
    const path = pathAt(event);
    if (path && !isFolder(path)) open(path);
  });
  tree.parentElement?.addEventListener("contextmenu", (event) => {
    event.preventDefault();
    const path = pathAt(event);
    if (path) goTo(path);
    menuFor(path, { x: event.clientX, y: event.clientY });
  });
}

/** @param {Event} event */
const pathAt = (event) =>
  /** @type {HTMLElement | null} */ (/** @type {Element} */ (event.target).closest("[data-path]"))?.dataset.path ?? "";

function dragging() {
  const area = /** @type {HTMLElement} */ (tree.parentElement);
  /** @type {string | null} */
  let dragged = null;
  const target = (/** @type {Event} */ event) => {
    const path = pathAt(event);
    return path && !isFolder(path) ? folderOf(path) : path;
  };
  const mark = (/** @type {string | null} */ folder) => {
    area.toggleAttribute("data-drop", folder === "");
    for (const row of rows()) row.toggleAttribute("data-drop", folder !== null && folder !== "" && row.dataset.path === folder);
  };
  tree.addEventListener("dragstart", (event) => {
    dragged = pathAt(event);
    event.dataTransfer?.setData("text/plain", dragged);
  });
  area.addEventListener("dragover", (event) => {
    if (!canEdit()) return;
    event.preventDefault();
    mark(target(event));
  });
  area.addEventListener("dragleave", () => mark(null));
  area.addEventListener("dragend", () => (dragged = null));
  area.addEventListener("drop", (event) => {
    event.preventDefault();
    mark(null);
    if (!canEdit()) return;
    const folder = target(event);
    const from = dragged;
    dragged = null;
    if (!from) return void uploadDropped(event.dataTransfer, folder);
    const to = folder ? `${folder}/${nameOf(from)}` : nameOf(from);
    if (folder === from || folder.startsWith(`${from}/`)) return;
    moveTo(from, to).then(
      () => reveal(to),
      (error) => showToast({ message: reasonOf(error), level: "danger" }),
    );
  });
}

export function startTree() {
  filesChanged.add(render);
  stateChanged.add((doc) => {
    const row = rowFor(doc.path);
    if (row) row.dataset.state = doc.state;
  });
  shown.add(({ doc }) => (doc ? reveal(doc.path) : render()));
  listen();
  dragging();
  render();
}
