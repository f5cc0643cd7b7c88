import { diffIndices } from "node-diff3";

/**
 * A stretch of one text that became a stretch of another; the ends are exclusive.
 * @typedef {{from: number, to: number, newFrom: number, newTo: number}} Hunk
 */

/** Lines with their endings, so that joining them gives the text back. @param {string} text */
export const linesOf = (text) => text.match(/[^\n]*\n|[^\n]+/g) ?? [];

/**
 * Where two lists differ. What they share at both ends is set aside first: an edit in a long
 * file costs what the edit is long.
 * @param {string[]} before
 * @param {string[]} after
 * @returns {Hunk[]}
 */
export function hunks(before, after) {
  const start = sharedStart(before, after);
  const end = sharedEnd(before, after, start);
  const middle = [before.slice(start, before.length - end), after.slice(start, after.length - end)];
  if (!middle[0].length && !middle[1].length) return [];
  return diffIndices(middle[0], middle[1]).map(({ buffer1, buffer2 }) => ({
    from: start + buffer1[0],
    to: start + buffer1[0] + buffer1[1],
    newFrom: start + buffer2[0],
    newTo: start + buffer2[0] + buffer2[1],
  }));
}

/** @param {ArrayLike<unknown>} a @param {ArrayLike<unknown>} b */
export function sharedStart(a, b) {
  const most = Math.min(a.length, b.length);
  let count = 0;
  while (count < most && a[count] === b[count]) count += 1;
  return count;
}

/** @param {ArrayLike<unknown>} a @param {ArrayLike<unknown>} b @param {number} start already shared */
export function sharedEnd(a, b, start) {
  const most = Math.min(a.length, b.length) - start;
  let count = 0;
  while (count < most && a[a.length - 1 - count] === b[b.length - 1 - count]) count += 1;
  return count;
}
