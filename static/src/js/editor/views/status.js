// The line under the editor and the state beside the title: saved or not is always in sight.
import { element, icon } from "../../lib/dom.js";
import { monaco } from "../monaco.js";
import { cursorMoved, editor } from "../editor.js";
import { signInAgain } from "../save/sign-in.js";
import { activeDocument, canEdit, documents, open, shown, stateChanged, filesChanged } from "../workspace.js";

/** @typedef {import("../save/document.js").State} State */

/** The gravest first: one unsaved file is worth more words than ten saved ones. @type {State[]} */
const ORDER = ["conflict", "refused", "gone", "signed_out", "offline", "saving", "unsaved", "saved", "readonly"];
/** @type {Record<State, () => [string, Node]>} */
const WORDS = {
  conflict: () => ["Conflict", icon("exclamation-diamond")],
  refused: () => ["Not saved", icon("exclamation-triangle")],
  gone: () => ["Deleted elsewhere", icon("exclamation-triangle")],
  signed_out: () => ["Signed out", icon("lock")],
  offline: () => ["Offline", icon("cloud-slash")],
  saving: () => ["Saving", icon("arrow-repeat")],
  unsaved: () => ["Unsaved", icon("circle-fill")],
  saved: () => ["Saved", icon("check2")],
  readonly: () => ["Read only", icon("eye")],
};
const LONGER = {
  offline: "Offline. What you type is kept in this browser and saved when the server answers.",
  signed_out: "Your session has ended. What you type is kept in this browser.",
};

const pill = /** @type {HTMLElement} */ (document.querySelector("[data-state]"));
const line = /** @type {HTMLElement} */ (document.querySelector("[data-status]"));
const part = (/** @type {string} */ name) => /** @type {HTMLElement} */ (line.querySelector(`[data-status-${name}]`));

/** The document whose state stands for all. */
function gravest() {
  const open = [...documents.values()];
  return open.sort((a, b) => ORDER.indexOf(a.state) - ORDER.indexOf(b.state))[0] ?? null;
}

function showState() {
  const doc = gravest();
  const state = doc?.state ?? (canEdit() ? "saved" : "readonly");
  if (pill.dataset.state === state && pill.dataset.path === doc?.path) return;
  const [word, mark] = WORDS[state]();
  pill.dataset.state = state;
  pill.dataset.path = doc?.path ?? "";
  const longer = doc?.message || LONGER[/** @type {keyof LONGER} */ (state)] || "";
  pill.title = longer;
  pill.replaceChildren(mark, element("span", {}, word));
}

function showPlace() {
  const doc = activeDocument();
  const at = editor.getPosition();
  part("place").textContent = doc && at ? `Ln ${at.lineNumber}, Col ${at.column}` : "";
  part("language").textContent = doc ? languageName(doc.language) : "";
}

/** @param {string} id */
function languageName(id) {
  const known = monaco.languages.getLanguages().find((language) => language.id === id);
  return known?.aliases?.[0] ?? (id === "plaintext" ? "Plain text" : id);
}

function showTabKey() {
  const moves = editor.getOption(monaco.editor.EditorOption.tabFocusMode);
  part("tab").textContent = moves ? "Tab moves focus" : "Tab indents";
}

export function startStatus() {
  for (const signal of [stateChanged, shown, filesChanged]) signal.add(showState);
  for (const signal of [cursorMoved, shown]) signal.add(showPlace);
  editor.onDidChangeConfiguration(showTabKey);
  part("tab").addEventListener("click", () => editor.trigger("status", "editor.action.toggleTabFocusMode", null));
  pill.addEventListener("click", async () => {
    const doc = gravest();
    if (!doc) return;
    if (doc.state === "signed_out" && !(await signInAgain("Your session has ended."))) return;
    if (doc !== activeDocument()) await open(doc.path);
    for (const each of documents.values()) each.save();
  });
  showState();
  showTabKey();
}
