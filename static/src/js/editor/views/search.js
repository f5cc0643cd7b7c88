// Find and replace in all files of the project.
import { element } from "../../lib/dom.js";
import { reasonOf, replaceAll } from "../changes.js";
import { counted, debounced, folderOf, nameOf } from "../lib.js";
import { read, writes } from "../save/api.js";
import { canEdit, documents, open, saveAll, unsaved } from "../workspace.js";
import { fileIcon } from "./tree.js";

const LIMIT_MS = 4000;
const FRESH_MS = 20_000;
const panel = /** @type {HTMLElement} */ (document.querySelector("[data-panel=search]"));
const form = /** @type {HTMLFormElement} */ (panel.querySelector("form"));
const results = /** @type {HTMLElement} */ (panel.querySelector("[data-results]"));
const summary = /** @type {HTMLElement} */ (panel.querySelector("[data-results-summary]"));
const replaceButton = /** @type {HTMLButtonElement} */ (panel.querySelector("[data-replace-all]"));
const field = (/** @type {string} */ name) => /** @type {HTMLInputElement} */ (form.elements.namedItem(name));

/** @typedef {import("../search.worker.js").FileHits} FileHits */

/** @type {Worker | null} */
let worker = null;
let asked = 0;
/** @type {{path: string, content: string}[]} what the last search looked through */
let searched = [];
/** @type {FileHits[]} */
let found = [];

/** @returns {import("../search.worker.js").Query} */
const query = () => ({
  text: field("text").value,
  regex: field("regex").checked,
  word: field("word").checked,
  matchCase: field("case").checked,
  replacement: canEdit() && field("replacing").checked ? field("replacement").value : null,
});

/** What was read a moment ago still does, unless something was written here since. */
let fetched = { at: 0, writes: -1, files: [] };

/** All files as they are: those open here as they stand in the editor. */
async function contents() {
  if (Date.now() - fetched.at > FRESH_MS || fetched.writes !== writes.count) {
    const before = writes.count;
    const { files } = await read("contents");
    fetched = { at: Date.now(), writes: before, files };
  }
  return fetched.files.map((/** @type {{path: string, content: string}} */ { path, content }) => ({
    path,
    content: documents.get(path)?.content ?? content,
  }));
}

/** @param {ReturnType<typeof query>} wanted @returns {Promise<any>} */
function inWorker(wanted) {
  worker?.terminate();
  worker = new Worker(panel.dataset.worker ?? "");
  const own = worker;
  return new Promise((done) => {
    const timer = setTimeout(() => {
      own.terminate();
      done({ fault: "This pattern takes too long. Make it simpler." });
    }, LIMIT_MS);
    own.onmessage = ({ data }) => {
      clearTimeout(timer);
      own.terminate();
      done(data);
    };
    own.postMessage({ id: asked, files: searched, query: wanted });
  });
}

async function search() {
  const wanted = query();
  const number = (asked += 1);
  if (!wanted.text) return show({ found: [], count: 0, shown: 0 }, "");
  summary.textContent = "Searching";
  try {
    searched = await contents();
  } catch (error) {
    return show({ found: [], count: 0, shown: 0 }, reasonOf(error));
  }
  if (number !== asked) return;
  const answer = await inWorker(wanted);
  if (number !== asked) return;
  if (answer.fault) return show({ found: [], count: 0, shown: 0 }, answer.fault, true);
  show(answer, summaryOf(answer));
}

/** @param {{found: FileHits[], count: number, shown: number}} answer */
function summaryOf({ found, count, shown }) {
  if (!count) return "Nothing found.";
  const all = `${counted(count, "match", "matches")} in ${counted(found.length, "file")}`;
  return shown < count ? `${all}; the first ${shown.toLocaleString("en-GB")} are shown` : all;
}

/** @param {{found: FileHits[], count: number, shown: number}} answer @param {string} text @param {boolean} [fault] */
function show(answer, text, fault = false) {
  found = answer.found;
  summary.textContent = text;
  summary.toggleAttribute("data-fault", fault);
  field("text").setAttribute("aria-invalid", String(fault));
  results.replaceChildren(...found.map(groupOf));
  replaceButton.hidden = !canEdit() || !field("replacing").checked;
  replaceButton.disabled = !answer.count;
}

/** @param {FileHits} file */
function groupOf(file) {
  const head = element("summary", { class: "hit-file", title: file.path }, fileIcon(file.path), element("span", {}, nameOf(file.path)));
  head.append(element("small", {}, folderOf(file.path)), element("span", { class: "hit-count" }, String(file.count)));
  const group = element("details", { open: "" }, head);
  for (const hit of file.hits) {
    const line = element("button", { type: "button", class: "hit", title: `Line ${hit.line}` }, hit.before);
    line.append(hit.put === null ? element("mark", {}, hit.match) : element("del", {}, hit.match));
    if (hit.put) line.append(element("ins", {}, hit.put));
    line.append(hit.after);
    const { line: number, column, length } = hit;
    line.addEventListener("click", () => open(file.path, { select: { line: number, column, length } }));
    group.append(line);
  }
  return group;
}

/** Replaces what the list shows, and only from what it was made of. */
async function replace() {
  const dialog = /** @type {HTMLDialogElement} */ (document.getElementById("editor-replace"));
  const count = found.reduce((sum, file) => sum + file.count, 0);
  const what = /** @type {HTMLElement} */ (dialog.querySelector("[data-replace-what]"));
  what.textContent = `Replace ${counted(count, "match", "matches")} in ${counted(found.length, "file")}?`;
  dialog.returnValue = "";
  dialog.showModal();
  await new Promise((done) => dialog.addEventListener("close", done, { once: true }));
  if (dialog.returnValue !== "replace") return;
  await saveAll();
  const stuck = unsaved()[0];
  if (stuck) return show({ found, count, shown: count }, `“${stuck.path}” is not saved yet. Nothing was replaced.`, true);
  const before = new Map(searched.map(({ path, content }) => [path, content]));
  const edits = found.map(({ path, replaced }) => ({ path, content: replaced ?? "", base_content: before.get(path) ?? "" }));
  try {
    await replaceAll(edits);
    await search();
  } catch (error) {
    await search();
    summary.textContent = reasonOf(error);
    summary.toggleAttribute("data-fault", true);
  }
}

export function focusSearch(/** @type {string} */ text = "") {
  if (text) {
    field("text").value = text;
    search();
  }
  field("text").focus();
  field("text").select();
}

export function startSearch() {
  const soon = debounced(search, 300);
  form.addEventListener("input", () => {
    const replacing = canEdit() && field("replacing").checked;
    form.querySelector("[data-replacement]")?.toggleAttribute("hidden", !replacing);
    soon();
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    search();
  });
  replaceButton.addEventListener("click", replace);
  if (!canEdit()) field("replacing").closest("label")?.setAttribute("hidden", "");
}

