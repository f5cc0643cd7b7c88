// Both sides of a conflict: theirs on the left, the result on the right, a choice per conflict.
// Closing keeps everything as it is, the half-settled result too.
import { element } from "../../lib/dom.js";
import { counted, debounced, handsOff } from "../lib.js";
import { monaco } from "../monaco.js";
import { plain } from "../text/endings.js";
import { merge } from "../text/merge.js";
import { activeDocument } from "../workspace.js";

const dialog = /** @type {HTMLDialogElement} */ (document.getElementById("editor-conflict"));
const host = /** @type {HTMLElement} */ (dialog.querySelector("[data-conflict-diff]"));
const list = /** @type {HTMLElement} */ (dialog.querySelector("[data-conflict-list]"));
const title = /** @type {HTMLElement} */ (dialog.querySelector("[data-conflict-path]"));

/** @type {import("monaco-editor/editor").editor.IStandaloneDiffEditor | undefined} */
let diff;

/**
 * @param {import("../save/document.js").OpenDocument} doc
 * @param {{wait?: boolean}} [how] wait: until nobody types
 */
export async function settleConflict(doc, { wait = false } = {}) {
  if (wait) await handsOff();
  if (dialog.open || !doc.conflict || (wait && doc !== activeDocument())) return;
  const conflict = doc.conflict;
  const theirs = plain(conflict.theirs.content);
  const mine = plain(doc.content);
  const merged = merge(plain(doc.base.content), mine, theirs);
  const left = monaco.editor.createModel(theirs, doc.language);
  const right = monaco.editor.createModel(conflict.merged ?? merged.text, doc.language);
  const view = (diff ??= create());
  view.setModel({ original: left, modified: right });
  title.textContent = doc.path;
  const places = mark(right, merged.chunks, conflict.merged === null);
  list.replaceChildren(...places.map((place, number) => choice(right, place, number, places.length)));
  const keep = debounced(() => !right.isDisposed() && doc.keepMerged(right.getValue(1), conflict), 250);
  right.onDidChangeContent(keep);

  dialog.showModal();
  view.getModifiedEditor().focus();
  if (places[0]) view.getModifiedEditor().revealLineInCenter(lineOf(right, places[0]));
  const answer = await chosen();
  const result = right.getValue(1);
  const texts = { merged: result, mine, theirs };
  if (answer) doc.settle(texts[/** @type {keyof typeof texts} */ (answer)], conflict);
  else if (result !== merged.text) doc.keepMerged(result, conflict);
  view.setModel(null);
  left.dispose();
  right.dispose();
}

function create() {
  const made = monaco.editor.createDiffEditor(host, {
    automaticLayout: true,
    originalEditable: false,
    renderSideBySide: true,
    useInlineViewWhenSpaceIsLimited: true,
    renderSideBySideInlineBreakpoint: 700,
    ignoreTrimWhitespace: false,
    hideUnchangedRegions: { enabled: true },
    minimap: { enabled: false },
    scrollBeyondLastLine: false,
    fontSize: 13,
    lineHeight: 20,
    unusualLineTerminators: "off",
    renderOverviewRuler: false,
    renderGutterMenu: false,
    renderMarginRevertIcon: false,
  });
  // Monaco drops the names of both sides whenever an option of the whole changes.
  made.onDidUpdateDiff(() => {
    made.getOriginalEditor().updateOptions({ ariaLabel: "Theirs" });
    made.getModifiedEditor().updateOptions({ ariaLabel: "Result" });
  });
  return made;
}

/** @returns {Promise<string>} the button that closed the dialog: merged, mine, theirs, or "" */
function chosen() {
  return new Promise((done) => {
    let answer = "";
    const choose = (/** @type {Event} */ event) => {
      const button = /** @type {Element} */ (event.target).closest("[data-conflict-use]");
      if (!button) return;
      answer = button.getAttribute("data-conflict-use") ?? "";
      dialog.close();
    };
    dialog.addEventListener("click", choose);
    dialog.addEventListener("close", () => {
      dialog.removeEventListener("click", choose);
      done(answer);
    }, { once: true });
  });
}

/** @typedef {{ids: string[], mine: string, theirs: string}} Place a stretch of the result, followed as it moves */

/**
 * @param {any} model
 * @param {import("../text/merge.js").Chunk[]} chunks
 * @param {boolean} fresh whether the model still is what `merge` gave
 * @returns {Place[]}
 */
function mark(model, chunks, fresh) {
  if (!fresh) return [];
  const places = [];
  let line = 1;
  for (const chunk of chunks) {
    const lines = chunk.conflict ? chunk.mine : chunk.lines;
    if (chunk.conflict) {
      const range = new monaco.Range(line, 1, line + lines.length, 1);
      places.push({ ids: follow(model, [], range), mine: chunk.mine.join(""), theirs: chunk.theirs.join("") });
    }
    line += lines.length;
  }
  return places;
}

/** Keeps hold of a stretch and colours its lines. @param {any} model @param {string[]} ids @param {any} range */
function follow(model, ids, range) {
  const held = { range, options: { description: "conflict", stickiness: 0 } };
  const { startLineNumber: first, endLineNumber: end, endColumn } = range;
  const last = endColumn === 1 && end > first ? end - 1 : end;
  const lines = range.isEmpty() ? [] : [{ range: new monaco.Range(first, 1, last, 1), options: { description: "conflict", isWholeLine: true, className: "conflict-lines" } }];
  return model.deltaDecorations(ids, [held, ...lines]);
}

/** @param {any} model @param {Place} place */
const lineOf = (model, place) => model.getDecorationRange(place.ids[0])?.startLineNumber ?? 1;

/** @param {any} model @param {Place} place @param {number} number @param {number} count */
function choice(model, place, number, count) {
  const row = element("div", { class: "conflict-choice" });
  const name = element("button", { type: "button", class: "btn btn-sm btn-ghost" }, `${number + 1} of ${counted(count, "conflict")}`);
  name.addEventListener("click", () => diff?.getModifiedEditor().revealLineInCenter(lineOf(model, place)));
  const both = place.mine + (place.mine.endsWith("\n") || !place.mine ? "" : "\n") + place.theirs;
  const texts = /** @type {[string, string][]} */ ([["Mine", place.mine], ["Theirs", place.theirs], ["Both", both]]);
  const buttons = texts.map(([label, text]) => {
    const button = element("button", { type: "button", class: "btn btn-sm", "aria-pressed": String(label === "Mine") }, label);
    button.addEventListener("click", () => {
      put(model, place, text);
      for (const each of buttons) each.setAttribute("aria-pressed", String(each === button));
      diff?.getModifiedEditor().revealLineInCenter(lineOf(model, place));
    });
    return button;
  });
  row.append(name, element("span", { class: "btn-group", role: "group", "aria-label": `Conflict ${number + 1}` }, ...buttons));
  return row;
}

/** @param {any} model @param {Place} place @param {string} text */
function put(model, place, text) {
  const range = model.getDecorationRange(place.ids[0]);
  if (!range) return;
  const start = model.getOffsetAt(range.getStartPosition());
  model.pushStackElement();
  model.pushEditOperations(null, [{ range, text, forceMoveMarkers: false }], () => null);
  model.pushStackElement();
  const ends = [start, start + text.length].map((offset) => model.getPositionAt(offset));
  place.ids = follow(model, place.ids, monaco.Range.fromPositions(ends[0], ends[1]));
}
