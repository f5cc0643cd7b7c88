// From paths to the rows of a tree: folders first, then files, each by name.

/**
 * @typedef {import("../boot.js").FileRow} FileRow
 * @typedef {{path: string, folder: boolean, level: number, size: number, place: number, row?: FileRow}} Branch
 * @typedef {{folders: Map<string, Node>, files: FileRow[]}} Node
 */

const order = new Intl.Collator("en", { numeric: true, sensitivity: "base" });

/** @returns {Node} */
const node = () => ({ folders: new Map(), files: [] });

/**
 * The rows that show, top to bottom.
 * @param {FileRow[]} files
 * @param {Set<string>} empty folders without files
 * @param {(folder: string) => boolean} isOpen
 * @returns {Branch[]}
 */
export function branches(files, empty, isOpen) {
  const root = node();
  const folder = (/** @type {string[]} */ parts) =>
    parts.reduce((under, part) => {
      const found = under.folders.get(part) ?? node();
      under.folders.set(part, found);
      return found;
    }, root);
  for (const row of files) folder(row.path.split("/").slice(0, -1)).files.push(row);
  for (const path of empty) folder(path.split("/"));
  return listed(root, "", 1, isOpen);
}

/** @returns {Branch[]} */
function listed(/** @type {Node} */ under, /** @type {string} */ prefix, /** @type {number} */ level, /** @type {(folder: string) => boolean} */ isOpen) {
  const size = under.folders.size + under.files.length;
  let place = 0;
  const folders = [...under.folders].sort((a, b) => order.compare(a[0], b[0]));
  const files = [...under.files].sort((a, b) => order.compare(a.path, b.path));
  return [
    ...folders.flatMap(([name, inside]) => {
      const path = prefix + name;
      place += 1;
      const own = { path, folder: true, level, size, place };
      return isOpen(path) ? [own, ...listed(inside, `${path}/`, level + 1, isOpen)] : [own];
    }),
    ...files.map((row) => {
      place += 1;
      return { path: row.path, folder: false, level, size, place, row };
    }),
  ];
}

/** The files a path stands for: itself, or all in the folder. @param {FileRow[]} files @param {string} path */
export function filesUnder(files, path) {
  const paths = files.map((row) => row.path);
  return paths.includes(path) ? [path] : paths.filter((each) => each.startsWith(`${path}/`));
}
