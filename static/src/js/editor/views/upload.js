// Files and folders from the person's computer: text only, checked here before anything is sent.
import { element } from "../../lib/dom.js";
import { showToast } from "../../lib/toast.js";
import { create, reasonOf } from "../changes.js";
import { counted } from "../lib.js";
import { canEdit, project } from "../workspace.js";

const MOST_BYTES = 4 * 1024 * 1024;
const MOST_TOGETHER = 15 * 1024 * 1024;
const MOST_FILES = 2000;
const LEFT_OUT = /(^|\/)(node_modules|\.git|\.DS_Store|__pycache__|\.venv)(\/|$)/;

/** @typedef {{path: string, file: File}} Candidate @typedef {{path: string, why: string}} Skipped */

/** @param {string} folder @param {boolean} [whole] a folder rather than files */
export function chooseUpload(folder, whole = false) {
  const input = /** @type {HTMLInputElement} */ (element("input", { type: "file", multiple: "" }));
  if (whole) input.webkitdirectory = true;
  input.addEventListener("change", () => {
    const files = [...(input.files ?? [])];
    upload(files.map((file) => ({ path: file.webkitRelativePath || file.name, file })), folder);
  });
  input.click();
}

/** @param {DataTransfer | null} data @param {string} folder */
export async function uploadDropped(data, folder) {
  // The list of items is emptied when the event ends: take them all before waiting.
  const entries = [...(data?.items ?? [])].map((item) => item.webkitGetAsEntry()).filter((entry) => entry !== null);
  const found = await Promise.all(entries.map((entry) => walk(entry)));
  await upload(found.flat(), folder);
}

/** @param {FileSystemEntry} entry @returns {Promise<Candidate[]>} */
async function walk(entry) {
  const path = entry.fullPath.replace(/^\//, "");
  if (LEFT_OUT.test(path)) return [];
  if (entry.isFile) {
    const file = await new Promise((done, fail) => /** @type {FileSystemFileEntry} */ (entry).file(done, fail));
    return [{ path, file }];
  }
  const reader = /** @type {FileSystemDirectoryEntry} */ (entry).createReader();
  const inside = [];
  for (;;) {
    /** @type {FileSystemEntry[]} */
    const batch = await new Promise((done, fail) => reader.readEntries(done, fail));
    if (!batch.length) break;
    inside.push(...batch);
  }
  return (await Promise.all(inside.map((each) => walk(each)))).flat();
}

/** @param {Candidate[]} candidates @param {string} folder */
async function upload(candidates, folder) {
  if (!canEdit() || !candidates.length) return;
  /** @type {Skipped[]} */
  const skipped = [];
  /** @type {{path: string, content: string}[]} */
  const files = [];
  let total = 0;
  for (const { path, file } of candidates) {
    if (LEFT_OUT.test(path)) continue;
    const to = folder ? `${folder}/${path}` : path;
    const why = file.size > MOST_BYTES ? "larger than 4 MB" : files.length >= MOST_FILES ? `more than ${MOST_FILES} files` : total + file.size > MOST_TOGETHER ? "together more than 15 MB" : "";
    const content = why ? null : textOf(await file.arrayBuffer());
    if (content === null) {
      skipped.push({ path: to, why: why || "not a text file" });
    } else {
      total += file.size;
      files.push({ path: to, content });
    }
  }
  const taken = new Set(project.files.map((row) => row.path));
  const clash = files.filter((file) => taken.has(file.path)).map((file) => file.path);
  if (clash.length || skipped.length) {
    const answer = await review(clash, skipped, files.length);
    if (!answer) return;
    const chosen = answer === "replace" ? files : files.filter((file) => !taken.has(file.path));
    return store(chosen, answer === "replace");
  }
  await store(files, false);
}

/** UTF-8 as it is, its mark included; null for anything else. @param {ArrayBuffer} bytes */
function textOf(bytes) {
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    return text.includes("\0") ? null : text;
  } catch {
    return null;
  }
}

/** @param {{path: string, content: string}[]} files @param {boolean} replace */
async function store(files, replace) {
  if (!files.length) return;
  try {
    await create(files.map((file) => ({ ...file, replace })));
    if (files.length === 1 && !replace) showToast({ message: `Added “${files[0].path}”` });
  } catch (error) {
    showToast({ message: reasonOf(error), level: "danger" });
  }
}

/** @param {string[]} clash @param {Skipped[]} skipped @param {number} count @returns {Promise<string>} keep, replace, or "" */
async function review(clash, skipped, count) {
  const dialog = /** @type {HTMLDialogElement} */ (document.getElementById("editor-upload"));
  const set = (/** @type {string} */ name, /** @type {Node[]} */ items) => {
    const part = /** @type {HTMLElement} */ (dialog.querySelector(`[data-upload-${name}]`));
    part.hidden = items.length === 0;
    part.querySelector("ul")?.replaceChildren(...items);
  };
  set("clash", clash.map((path) => element("li", {}, path)));
  set("skipped", skipped.map(({ path, why }) => element("li", {}, `${path}: ${why}`)));
  const replace = /** @type {HTMLElement} */ (dialog.querySelector("[value=replace]"));
  const keep = /** @type {HTMLElement} */ (dialog.querySelector("[value=keep]"));
  replace.hidden = clash.length === 0;
  replace.textContent = `Replace ${counted(clash.length, "file")}`;
  keep.hidden = count === clash.length;
  keep.textContent = clash.length ? "Add the others only" : `Add ${counted(count, "file")}`;
  dialog.returnValue = "";
  dialog.showModal();
  await new Promise((done) => dialog.addEventListener("close", done, { once: true }));
  return dialog.returnValue;
}
