/**
 * Paths that hold the letters of `query` in order, the best first: letters together, at the
 * beginning of a word, and in the name rather than the folders count more.
 * @param {string[]} paths
 * @param {string} query
 * @param {string[]} recent shown first while there is no query
 * @returns {{path: string, hits: number[]}[]}
 */
export function rank(paths, query, recent) {
  if (!query) {
    const known = recent.filter((path) => paths.includes(path));
    const rest = paths.filter((path) => !known.includes(path)).sort();
    return [...known, ...rest].map((path) => ({ path, hits: [] }));
  }
  const wanted = query.toLowerCase().replace(/\s+/g, "");
  return paths
    .flatMap((path) => match(path, wanted) ?? [])
    .sort((a, b) => b.score - a.score || a.path.length - b.path.length || (a.path < b.path ? -1 : 1));
}

/** @param {string} path @param {string} wanted */
function match(path, wanted) {
  const lower = path.toLowerCase();
  const name = path.lastIndexOf("/") + 1;
  // In the name alone when it can be, else from the folders on.
  const found = [name, 0].map((from) => follow(path, lower, wanted, from, name)).filter((each) => each !== null);
  return found.sort((a, b) => b.score - a.score)[0] ?? null;
}

function follow(/** @type {string} */ path, /** @type {string} */ lower, /** @type {string} */ wanted, /** @type {number} */ from, /** @type {number} */ name) {
  const hits = [];
  let score = 0;
  let at = lower.indexOf(wanted, from);
  if (at >= 0) {
    for (let index = 0; index < wanted.length; index += 1) hits.push(at + index);
    score += 10 * wanted.length;
  } else {
    at = from;
    for (const letter of wanted) {
      const next = lower.indexOf(letter, at);
      if (next < 0) return null;
      if (hits.at(-1) === next - 1) score += 5;
      hits.push(next);
      at = next + 1;
    }
  }
  for (const hit of hits) {
    if (hit === 0 || /[/._\- ]/.test(path[hit - 1]) || /[a-z][A-Z]/.test(path.slice(hit - 1, hit + 1))) score += 4;
    if (hit >= name) score += 2;
  }
  return { path, hits, score: score - (hits[0] - from) * 0.1 };
}
