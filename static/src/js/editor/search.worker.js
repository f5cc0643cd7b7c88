// Looks through all files, away from the page: a pattern that never ends is ended with its worker.

/**
 * @typedef {{text: string, regex: boolean, word: boolean, matchCase: boolean, replacement: string | null}} Query
 * @typedef {{line: number, column: number, length: number, before: string, match: string, after: string, put: string | null}} Hit
 * @typedef {{path: string, hits: Hit[], count: number, replaced: string | null}} FileHits
 */

const MOST_SHOWN = 2000;
const AROUND = 120;

/** @param {Query} query */
export function patternOf({ text, regex, word, matchCase }) {
  const source = regex ? text : text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  const bounded = word ? `(?<![\\p{L}\\p{N}_])(?:${source})(?![\\p{L}\\p{N}_])` : source;
  const flags = matchCase ? "gm" : "gmi";
  try {
    return new RegExp(bounded, `${flags}u`);
  } catch (error) {
    if (word) throw error;
    return new RegExp(bounded, flags); // older patterns escape more than Unicode ones may
  }
}

/** @param {{path: string, content: string}[]} files @param {Query} query */
function search(files, query) {
  const pattern = patternOf(query);
  /** @type {FileHits[]} */
  const found = [];
  let count = 0;
  for (const { path, content } of files) {
    const inFile = searchFile(path, content, pattern, query, Math.max(0, MOST_SHOWN - count));
    if (!inFile) continue;
    found.push(inFile);
    count += inFile.count;
  }
  return { found, count, shown: Math.min(count, MOST_SHOWN) };
}

/** @returns {FileHits | null} */
function searchFile(/** @type {string} */ path, /** @type {string} */ content, /** @type {RegExp} */ pattern, /** @type {Query} */ query, /** @type {number} */ most) {
  const hits = [];
  const pieces = [];
  let count = 0;
  let from = 0;
  let line = 1;
  let lineStart = 0;
  let scanned = 0;
  for (const match of content.matchAll(pattern)) {
    if (!match[0]) continue;
    count += 1;
    const put = query.replacement === null ? null : replacementFor(match, query);
    pieces.push(content.slice(from, match.index), put ?? match[0]);
    from = match.index + match[0].length;
    for (const ending of content.slice(scanned, match.index).matchAll(/\r\n|\r|\n/g)) {
      line += 1;
      lineStart = scanned + ending.index + ending[0].length;
    }
    scanned = match.index;
    if (hits.length < most) hits.push(hitAt(content, match, line, lineStart, put));
  }
  if (!count) return null;
  const replaced = query.replacement === null ? null : pieces.join("") + content.slice(from);
  return { path, hits, count, replaced };
}

/** @returns {Hit} */
function hitAt(/** @type {string} */ content, /** @type {RegExpExecArray} */ match, /** @type {number} */ line, /** @type {number} */ lineStart, /** @type {string | null} */ put) {
  const end = match.index + match[0].length;
  const rest = content.slice(end, end + AROUND);
  const mark = lineStart === 0 && content.startsWith("\ufeff") ? 1 : 0;
  return {
    line,
    column: match.index - lineStart - mark + 1,
    length: match[0].length,
    before: content.slice(Math.max(lineStart + mark, match.index - 40), match.index).trimStart(),
    match: match[0].split(/\r|\n/)[0].slice(0, AROUND),
    after: rest.split(/\r|\n/)[0],
    put: put === null ? null : put.slice(0, AROUND),
  };
}

/** As in an editor: $1, ${name}, $& and $$ in a pattern's replacement; plain text otherwise. */
function replacementFor(/** @type {RegExpExecArray} */ match, /** @type {Query} */ query) {
  const text = query.replacement ?? "";
  if (!query.regex) return text;
  return text.replace(/\$(\$|&|\d{1,2}|<[^>]*>)|\\n|\\t/g, (whole, key) => {
    if (whole === "\\n") return "\n";
    if (whole === "\\t") return "\t";
    if (key === "$") return "$";
    if (key === "&") return match[0];
    if (key.startsWith("<")) return match.groups?.[key.slice(1, -1)] ?? "";
    return Number(key) < match.length ? (match[Number(key)] ?? "") : whole;
  });
}

self.onmessage = ({ data }) => {
  try {
    self.postMessage({ id: data.id, ...search(data.files, data.query) });
  } catch (error) {
    self.postMessage({ id: data.id, fault: error instanceof SyntaxError ? error.message : String(error) });
  }
};
