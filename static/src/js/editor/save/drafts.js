// What was typed and is not yet confirmed by the server, kept in this browser. A draft goes only
// when the server has confirmed exactly its content.
import { boot } from "../boot.js";
import { Signal } from "../lib.js";
import { otherTabs, tabName } from "./tab.js";

/**
 * @typedef {{key: string, owner: string, tab: string, path: string, language: string, base: string,
 *   revision: number, content: string, sent: string[], theirs: string, merged: string | null,
 *   at: number}} Draft
 * sent: contents whose save got no answer, so they may be what the server holds.
 * merged: a conflict being settled by hand, against theirs.
 */

const STORE = "drafts";
const WAIT_MS = 250;
const EMERGENCY = "devora-draft:";
const owner = `${boot.staff?.id}|${boot.project?.id}`;

/** Told once when this browser keeps no drafts. @type {Signal<string>} */
export const unkept = new Signal();
let told = false;

/** @type {Map<string, () => Omit<Draft, "key" | "owner" | "tab" | "at">>} */
const waiting = new Map();
/** On their way into IndexedDB; a page that goes now may take them along. @type {Set<Draft>} */
const writing = new Set();
let timer = 0;
let tab = "";
tabName.then((name) => (tab = name));

/** @type {Promise<IDBDatabase>} */
const database = new Promise((done, fail) => {
  try {
    const request = indexedDB.open("devora-editor", 1);
    request.onupgradeneeded = () => {
      request.result.createObjectStore(STORE, { keyPath: "key" }).createIndex("owner", "owner");
    };
    request.onsuccess = () => done(request.result);
    request.onerror = () => fail(request.error);
  } catch (error) {
    fail(error);
  }
});
database.catch(() => {});

/** @param {string} path */
const keyOf = (path) => `${owner}|${tab}|${path}`;

/**
 * Writes soon what `read` gives then.
 * @param {string} path
 * @param {() => Omit<Draft, "key" | "owner" | "tab" | "at">} read
 */
export function keep(path, read) {
  waiting.set(path, read);
  if (!timer) timer = window.setTimeout(flush, WAIT_MS);
}

/** Writes now what is waiting. @returns {Promise<void>} */
export async function flush() {
  clearTimeout(timer);
  timer = 0;
  const drafts = taken();
  if (!drafts.length) return;
  drafts.forEach((draft) => writing.add(draft));
  try {
    await inTime(write((store) => drafts.forEach((draft) => store.put(draft))));
    for (const draft of drafts) forgetEmergency(draft.key, draft.at);
  } catch (error) {
    drafts.forEach(keepInEmergency);
    if (!told) unkept.send(String(error));
    told = true;
  } finally {
    drafts.forEach((draft) => writing.delete(draft));
  }
}

/** A save must not wait for a browser store that hangs. @param {Promise<void>} work */
const inTime = (work) =>
  Promise.race([work, new Promise((_, fail) => setTimeout(() => fail(new Error("slow")), 2000))]);

/** @returns {Draft[]} */
function taken() {
  const drafts = [...waiting.values()].map((read) => {
    const draft = read();
    return { ...draft, key: keyOf(draft.path), owner, tab, at: Date.now() };
  });
  waiting.clear();
  return drafts;
}

/** @param {(store: IDBObjectStore) => void} change @returns {Promise<void>} */
async function write(change) {
  const transaction = (await database).transaction(STORE, "readwrite");
  change(transaction.objectStore(STORE));
  return new Promise((done, fail) => {
    transaction.oncomplete = () => done();
    transaction.onerror = transaction.onabort = () => fail(transaction.error);
  });
}

/** The server holds exactly this text now. @param {string} path */
export async function forget(path) {
  waiting.delete(path);
  await forgetKey(keyOf(path));
}

/** @param {string} key */
export async function forgetKey(key) {
  forgetEmergency(key);
  await write((store) => store.delete(key)).catch(() => {});
}

/** Drafts of this person and project that no other open tab is looking after, newest first. */
export async function orphans() {
  const alive = await otherTabs();
  await tabName;
  const found = new Map();
  for (const draft of [...(await stored().catch(() => [])), ...emergencies()]) {
    const known = found.get(draft.key);
    if (!known || known.at < draft.at) found.set(draft.key, draft);
  }
  return [...found.values()].filter((draft) => !alive.has(draft.tab)).sort((a, b) => b.at - a.at);
}

/** @returns {Promise<Draft[]>} */
async function stored() {
  const store = (await database).transaction(STORE).objectStore(STORE);
  return new Promise((done, fail) => {
    const request = store.index("owner").getAll(owner);
    request.onsuccess = () => done(request.result);
    request.onerror = () => fail(request.error);
  });
}

// The page may go before IndexedDB has written: local storage writes at once.

/** @param {Draft} draft */
function keepInEmergency(draft) {
  try {
    localStorage.setItem(EMERGENCY + draft.key, JSON.stringify(draft));
  } catch {
    // full or blocked; IndexedDB may still get it
  }
}

/** @param {string} key @param {number} until a later one stays */
function forgetEmergency(key, until = Infinity) {
  try {
    const kept = localStorage.getItem(EMERGENCY + key);
    if (kept && JSON.parse(kept).at <= until) localStorage.removeItem(EMERGENCY + key);
  } catch {
    // blocked: nothing was kept there
  }
}

/** @returns {Draft[]} */
function emergencies() {
  try {
    const keys = Object.keys(localStorage).filter((key) => key.startsWith(`${EMERGENCY}${owner}|`));
    return keys.map((key) => JSON.parse(localStorage.getItem(key) ?? ""));
  } catch {
    return [];
  }
}

function lastChance() {
  const reads = [...waiting];
  for (const draft of [...writing, ...taken()]) keepInEmergency(draft);
  for (const [path, read] of reads) waiting.set(path, read);
  flush();
}
window.addEventListener("pagehide", lastChance);
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "hidden") lastChance();
});
