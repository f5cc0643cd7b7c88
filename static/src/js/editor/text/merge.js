// Three-way merge by lines: changes to different lines are both kept, changes to the same lines
// are a conflict that a person settles.
import { hunks, linesOf } from "./diff.js";

/**
 * @typedef {import("./diff.js").Hunk} Hunk
 * @typedef {{conflict: false, lines: string[]} |
 *   {conflict: true, base: string[], mine: string[], theirs: string[]}} Chunk
 */

/**
 * @param {string} base what both sides started from
 * @param {string} mine
 * @param {string} theirs
 * @returns {{chunks: Chunk[], text: string, conflicts: number}} text has `mine` where they conflict
 */
export function merge(base, mine, theirs) {
  const texts = { base: linesOf(base), mine: linesOf(mine), theirs: linesOf(theirs) };
  const changes = [
    ...hunks(texts.base, texts.mine).map((hunk) => ({ ...hunk, side: /** @type {const} */ ("mine") })),
    ...hunks(texts.base, texts.theirs).map((hunk) => ({ ...hunk, side: /** @type {const} */ ("theirs") })),
  ].sort((a, b) => a.from - b.from || a.to - b.to);

  /** @type {Chunk[]} */
  const chunks = [];
  const shift = { mine: 0, theirs: 0 };
  let at = 0;
  for (const group of groups(changes)) {
    if (group.from > at) chunks.push({ conflict: false, lines: texts.base.slice(at, group.from) });
    const sides = { mine: [], theirs: [] };
    for (const side of /** @type {const} */ (["mine", "theirs"])) {
      const before = shift[side];
      for (const hunk of group.changes) {
        if (hunk.side === side) shift[side] += hunk.newTo - hunk.newFrom - (hunk.to - hunk.from);
      }
      sides[side] = texts[side].slice(group.from + before, group.to + shift[side]);
    }
    chunks.push(settle(texts.base.slice(group.from, group.to), sides, group.changes));
    at = group.to;
  }
  chunks.push({ conflict: false, lines: texts.base.slice(at) });
  return {
    chunks,
    text: chunks.flatMap((chunk) => (chunk.conflict ? chunk.mine : chunk.lines)).join(""),
    conflicts: chunks.filter((chunk) => chunk.conflict).length,
  };
}

/** @param {(Hunk & {side: "mine" | "theirs"})[]} changes sorted by place */
function groups(changes) {
  /** @type {{from: number, to: number, changes: typeof changes}[]} */
  const found = [];
  for (const change of changes) {
    const last = found.at(-1);
    if (last && touches(last, change)) {
      last.to = Math.max(last.to, change.to);
      last.changes.push(change);
    } else {
      found.push({ from: change.from, to: change.to, changes: [change] });
    }
  }
  return found;
}

/** Two insertions at one place have no order of their own; neighbouring lines do not touch. */
function touches(/** @type {{from: number, to: number}} */ group, /** @type {Hunk} */ change) {
  if (change.from < group.to) return true;
  return change.from === change.to && group.from === group.to && change.from === group.from;
}

/**
 * @param {string[]} base
 * @param {{mine: string[], theirs: string[]}} sides
 * @param {{side: "mine" | "theirs"}[]} changes
 * @returns {Chunk}
 */
function settle(base, { mine, theirs }, changes) {
  const changed = new Set(changes.map((change) => change.side));
  if (changed.size === 1) return { conflict: false, lines: changed.has("mine") ? mine : theirs };
  if (mine.join("") === theirs.join("")) return { conflict: false, lines: mine };
  return { conflict: true, base, mine, theirs };
}
