// Monaco keeps one kind of line ending per text and drops the mark at its start. These keep what
// the file had: its mark, its endings, and where it mixes them, each line's own.
import { hunks } from "./diff.js";

const MARK = "\ufeff";
const ENDING = /\r\n|\r|\n/g;

/** @typedef {{mark: boolean, ending: "\n" | "\r\n" | "\r", mixed: boolean}} Shape */

/** @param {string} text @returns {Shape} */
export function shapeOf(text) {
  const counts = { "\n": 0, "\r\n": 0, "\r": 0 };
  for (const [ending] of text.matchAll(ENDING)) counts[/** @type {"\n"} */ (ending)] += 1;
  const kinds = /** @type {Shape["ending"][]} */ (["\n", "\r\n", "\r"]).filter((kind) => counts[kind]);
  const ending = kinds.sort((a, b) => counts[b] - counts[a])[0] ?? "\n";
  return { mark: text.startsWith(MARK), ending, mixed: kinds.length > 1 };
}

/** The text as the editor holds it: no mark, every line ended by "\n". @param {string} text */
export function plain(text) {
  return (text.startsWith(MARK) ? text.slice(1) : text).replace(ENDING, "\n");
}

/**
 * The file for an edited text: lines that stayed keep the ending they had.
 * @param {string} edited as `plain` gives it
 * @param {string} original the file it came from
 */
export function shaped(edited, original) {
  const shape = shapeOf(original);
  const mark = shape.mark ? MARK : "";
  if (!shape.mixed) return mark + (shape.ending === "\n" ? edited : edited.replaceAll("\n", shape.ending));
  const text = shape.mark ? original.slice(1) : original;
  const endings = text.match(ENDING) ?? [];
  const before = text.split(ENDING);
  const after = edited.split("\n");
  const from = sources(before, after);
  const last = after.length - 1;
  return mark + after.map((line, at) => line + (at === last ? "" : (endings[from[at]] ?? shape.ending))).join("");
}

/** For each line of `after` the line of `before` it is, or -1. */
function sources(/** @type {string[]} */ before, /** @type {string[]} */ after) {
  /** @type {number[]} */
  const from = [];
  let old = 0;
  for (const hunk of hunks(before, after)) {
    while (from.length < hunk.newFrom) from.push(old++);
    // A line edited in place keeps its ending; lines beyond those are new.
    for (let at = hunk.newFrom; at < hunk.newTo; at += 1) {
      const same = hunk.from + (at - hunk.newFrom);
      from.push(same < hunk.to ? same : -1);
    }
    old = hunk.to;
  }
  while (from.length < after.length) from.push(old++);
  return from;
}
