import { hunks, linesOf, sharedEnd, sharedStart } from "./diff.js";

/**
 * Makes a model's text `wanted` by the smallest edits, so that cursors, folds and undo survive.
 * @param {import("monaco-editor/editor").editor.ITextModel} model
 * @param {string} wanted lines ended by "\n"
 */
export function applyText(model, wanted) {
  const now = model.getValue(1 /* "\n" */);
  if (now === wanted) return;
  const before = linesOf(now);
  const after = linesOf(wanted);
  model.pushStackElement();
  model.pushEditOperations(null, edits(before, after), () => null);
  if (model.getValue(1) !== wanted) {
    const all = { range: model.getFullModelRange(), text: wanted };
    model.pushEditOperations(null, [all], () => null);
  }
  model.pushStackElement();
}

/** @param {string[]} before @param {string[]} after */
function edits(before, after) {
  return hunks(before, after).map((hunk) => {
    const old = before.slice(hunk.from, hunk.to).join("");
    const text = after.slice(hunk.newFrom, hunk.newTo).join("");
    let start = sharedStart(old, text);
    if (splitsPair(old, start) || splitsPair(text, start)) start -= 1;
    let end = sharedEnd(old, text, start);
    if (splitsPair(old, old.length - end) || splitsPair(text, text.length - end)) end -= 1;
    const first = position(hunk.from, old, start);
    const last = position(hunk.from, old, old.length - end);
    return {
      range: {
        startLineNumber: first.line,
        startColumn: first.column,
        endLineNumber: last.line,
        endColumn: last.column,
      },
      text: text.slice(start, text.length - end),
      forceMoveMarkers: false,
    };
  });
}

/** The place `offset` letters after the beginning of line number `from`. */
function position(/** @type {number} */ from, /** @type {string} */ old, /** @type {number} */ offset) {
  const breaks = old.slice(0, offset).split("\n");
  return { line: from + breaks.length, column: /** @type {string} */ (breaks.at(-1)).length + 1 };
}

/** Whether a place is within a letter of two parts. */
function splitsPair(/** @type {string} */ text, /** @type {number} */ offset) {
  const code = text.charCodeAt(offset - 1);
  return code >= 0xd800 && code <= 0xdbff;
}
