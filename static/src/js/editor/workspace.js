// The project as this tab sees it: its files, the open ones, and the one in front.
import { boot } from "./boot.js";
import { Signal } from "./lib.js";
import { showToast } from "../lib/toast.js";
import { read, Refused, SignedOut } from "./save/api.js";
import { OpenDocument, setRevision } from "./save/document.js";
import { flush, forgetKey, orphans } from "./save/drafts.js";
import { tabName } from "./save/tab.js";

/** @typedef {import("./boot.js").Project} Project @typedef {import("./boot.js").FileRow} FileRow */

export const filesChanged = new Signal();
export const tabsChanged = new Signal();
/** @type {Signal<{doc: OpenDocument | null, focus: boolean, select?: Selection}>} */
export const shown = new Signal();
/** @type {Signal<OpenDocument>} */
export const stateChanged = new Signal();
/** Something was stored: tell the other tabs of this browser. @type {Signal<string>} */
export const stored = new Signal();

/** @typedef {{line: number, column: number, length: number}} Selection */

/** Every file being edited, shown as a tab or not. @type {Map<string, OpenDocument>} */
export const documents = new Map();
/** Paths shown as tabs, in order. @type {string[]} */
export const tabs = [];
/** @type {string[]} the most recently shown last */
const recent = [];
let active = "";

/** @type {Project} */
export let project = boot.project;
export const canEdit = () => boot.mayEdit && project.editable && !project.archived;

/** @returns {OpenDocument | null} */
export const activeDocument = () => documents.get(active) ?? null;
/** @param {string} path @returns {FileRow | undefined} */
export const rowOf = (path) => project.files.find((row) => row.path === path);
export const recentPaths = () => [...recent].reverse();

/** Takes up a newer list of files. @param {Project} next */
export function applyProject(next) {
  setRevision(next.revision);
  if (next.token === project.token) return;
  const wasArchived = project.archived;
  project = next;
  const paths = new Set(next.files.map((row) => row.path));
  for (const doc of documents.values()) {
    if (doc.held || doc.busy) continue;
    if (!paths.has(doc.path)) doc.markGone();
    else if (doc.state === "gone") refresh(doc.path);
  }
  if (wasArchived && !next.archived) for (const doc of documents.values()) doc.save();
  filesChanged.send(undefined);
}

/**
 * Shows a file, loading it when it is not here yet.
 * @param {string} path
 * @param {{focus?: boolean, select?: Selection}} [how]
 */
export async function open(path, { focus = true, select } = {}) {
  const doc = await load(path);
  if (!doc) return null;
  if (!tabs.includes(path)) tabs.splice(tabs.indexOf(active) + 1 || tabs.length, 0, path);
  front(path, focus, select);
  return doc;
}

/** @type {Map<string, Promise<OpenDocument | null>>} */
const loading = new Map();

/** @param {string} path @returns {Promise<OpenDocument | null>} */
export function load(path) {
  const known = documents.get(path);
  if (known) return Promise.resolve(known);
  const under = loading.get(path) ?? fetchDocument(path).finally(() => loading.delete(path));
  loading.set(path, under);
  return under;
}

/** @param {string} path */
async function fetchDocument(path) {
  try {
    const file = boot.file?.path === path ? boot.file : await read("file", { path });
    boot.file = null; // only the first time: later it may be out of date
    return adopt(file);
  } catch (error) {
    const why = error instanceof Refused ? error.message : "The server cannot be reached.";
    if (!(error instanceof SignedOut)) showToast({ message: why, level: "danger" });
    return null;
  }
}

/** @param {import("./boot.js").FileText} file */
function adopt(file) {
  const row = rowOf(file.path);
  const doc = new OpenDocument(file, { readOnly: !canEdit() || Boolean(row?.problem) });
  doc.message = row?.problem ?? "";
  documents.set(file.path, doc);
  doc.changed.add((changed) => {
    stateChanged.send(changed);
    if (changed.state === "saved") {
      stored.send(changed.path);
      dropIfHidden(changed);
    }
  });
  doc.noticed.add((message) => showToast({ message, level: "info" }));
  return doc;
}

/** @param {string} path @param {boolean} focus @param {Selection} [select] */
function front(path, focus, select) {
  active = path;
  const at = recent.indexOf(path);
  if (at >= 0) recent.splice(at, 1);
  recent.push(path);
  tabsChanged.send(undefined);
  shown.send({ doc: documents.get(path) ?? null, focus, select });
}

/** Takes the tab away; what is unsaved goes on being saved. @param {string} path */
export function close(path) {
  const at = tabs.indexOf(path);
  if (at < 0) return;
  tabs.splice(at, 1);
  const doc = documents.get(path);
  doc?.save();
  if (path === active) {
    const next = recentPaths().find((each) => each !== path && tabs.includes(each)) ?? tabs[0] ?? "";
    front(next, true);
  } else {
    tabsChanged.send(undefined);
  }
  if (doc) dropIfHidden(doc);
}

/** @param {OpenDocument} doc */
function dropIfHidden(doc) {
  if (tabs.includes(doc.path) || doc.busy || doc.dirty || doc.conflict) return;
  if (!["saved", "readonly"].includes(doc.state) && !(doc.state === "gone" && !doc.dirty)) return;
  documents.delete(doc.path);
  doc.dispose();
}

/** Forgets a file that was deleted here, with what is in its tab. @param {string} path */
export function discard(path) {
  const at = tabs.indexOf(path);
  if (at >= 0) tabs.splice(at, 1);
  const doc = documents.get(path);
  flush(); // keys pressed while it was being deleted stay as a draft
  documents.delete(path);
  if (path === active) front(recentPaths().find((each) => tabs.includes(each)) ?? tabs[0] ?? "", false);
  else tabsChanged.send(undefined);
  doc?.dispose();
}

/** @param {string} from @param {string} to */
export function moved(from, to) {
  for (const list of [tabs, recent]) {
    const at = list.indexOf(from);
    if (at >= 0) list[at] = to;
  }
  if (active === from) active = to;
  const doc = documents.get(from);
  if (doc) {
    documents.delete(from);
    documents.set(to, doc);
    doc.moveTo(to);
  }
  tabsChanged.send(undefined);
}

/** Sends all that is unsaved and waits. */
export function saveAll() {
  return Promise.all([...documents.values()].map((doc) => doc.save()));
}

/** @returns {OpenDocument[]} files with text the server has not confirmed */
export const unsaved = () => [...documents.values()].filter((doc) => doc.dirty && !doc.readOnly);

/** Reads a file again and takes up what changed, unless something overtook the answer. @param {string} path */
export async function refresh(path) {
  const doc = documents.get(path);
  if (!doc || doc.busy || doc.held) return;
  const { epoch } = doc;
  try {
    const file = await read("file", { path }, { asked: false });
    if (doc.epoch !== epoch || doc.busy || doc.held || documents.get(path) !== doc) return;
    if (doc.state === "gone") doc.revive(file);
    else doc.integrate(file);
  } catch (error) {
    if (error instanceof Refused && error.status === 404 && doc.epoch === epoch) doc.markGone();
  }
}

/** Drafts an earlier page left behind, opened and sent on. @returns {Promise<string[]>} their paths */
export async function restoreDrafts() {
  const paths = [];
  if (!canEdit()) return paths;
  for (const draft of await orphans()) {
    const doc = rowOf(draft.path) ? await load(draft.path) : lost(draft);
    if (!doc || doc.readOnly || doc.dirty) continue; // one at a time: the next when this one is saved
    if (doc.adopt(draft)) {
      if (!tabs.includes(draft.path)) tabs.push(draft.path);
      paths.push(draft.path);
      await flush();
      if (draft.tab !== (await tabName)) await forgetKey(draft.key);
    } else {
      await forgetKey(draft.key);
    }
  }
  if (paths.length) tabsChanged.send(undefined);
  return paths;
}

/** Takes back a discarded text. @param {ReturnType<OpenDocument["draft"]>} draft */
export async function restoreLost(draft) {
  if (!documents.has(draft.path)) lost(draft).adopt(draft);
  await open(draft.path);
  if (rowOf(draft.path)) await refresh(draft.path);
}

/** A draft whose file is no more. @param {ReturnType<OpenDocument["draft"]>} draft */
function lost(draft) {
  const file = { path: draft.path, content: draft.base, language: draft.language, revision: 0, digest: "" };
  const doc = adopt(file);
  doc.markGone();
  return doc;
}
