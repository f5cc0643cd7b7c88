// Changes to which files there are, with their undo.
import { showToast } from "../lib/toast.js";
import { counted, nameOf } from "./lib.js";
import { read, Refused, send, SignedOut, Unreachable } from "./save/api.js";
import { applyProject, discard, documents, moved, open, tabs } from "./workspace.js";

/** @typedef {{path: string, content: string, replace?: boolean}} NewFile */

/** Says what went wrong. @param {unknown} error @returns {string} */
export function reasonOf(error) {
  if (error instanceof Refused) return error.message;
  if (error instanceof SignedOut) return "Sign in again to do this.";
  if (error instanceof Unreachable) return "The server cannot be reached. Nothing was changed.";
  throw error;
}

/** @param {string} name @param {object} body */
function change(name, body) {
  return send(name, body);
}

/** @param {unknown} error */
function complain(error) {
  showToast({ message: reasonOf(error), level: "danger" });
}

/** @param {string} token @param {(answer: any) => void} [after] */
function undoable(token, after) {
  return {
    label: "Undo",
    run: async () => {
      try {
        const answer = await change("undo", { token });
        applyProject(answer.project);
        after?.(answer);
      } catch (error) {
        complain(error);
      }
    },
  };
}

/** @param {NewFile[]} files @returns {Promise<void>} throws what `reasonOf` explains */
export async function create(files) {
  const answer = await change("create", { files });
  applyProject(answer.project);
  const replaced = files.filter((file) => file.replace && documents.has(file.path));
  for (const file of replaced) await refetch(file.path);
  if (files.length > 1 || answer.undo) {
    const action = answer.undo ? undoable(answer.undo, () => replaced.forEach((file) => refetch(file.path))) : undefined;
    showToast({ message: `Added ${counted(files.length, "file")}`, action });
  }
}

/** @param {string} path */
async function refetch(path) {
  const doc = documents.get(path);
  if (doc) doc.integrate(await read("file", { path }));
}

/** @param {{from: string, to: string}[]} moves @param {{quiet?: boolean}} [how] */
export async function move(moves, { quiet = false } = {}) {
  const open = moves.flatMap(({ from }) => documents.get(from) ?? []);
  await Promise.all(open.map((doc) => doc.save()));
  for (const doc of open) doc.held = true;
  try {
    const answer = await change("move", { moves });
    for (const { from, to } of moves) moved(from, to);
    applyProject(answer.project);
  } finally {
    for (const doc of open) {
      doc.held = false;
      doc.save();
    }
  }
  if (quiet) return;
  const back = moves.map(({ from, to }) => ({ from: to, to: from }));
  const message = moves.length === 1 ? `Moved to “${moves[0].to}”` : `Moved ${counted(moves.length, "file")}`;
  showToast({ message, action: { label: "Undo", run: () => move(back, { quiet: true }).catch(complain) } });
}

/** @param {string[]} paths */
export async function remove(paths) {
  const open = paths.flatMap((path) => documents.get(path) ?? []);
  const shownBefore = tabs.filter((path) => paths.includes(path));
  // What was typed last goes along, so that Undo brings it back too.
  await Promise.all(open.map((doc) => doc.save()));
  const stuck = open.find((doc) => doc.dirty && doc.state !== "gone");
  if (stuck) {
    showToast({ message: `“${stuck.path}” has unsaved changes. Save or settle them before deleting it.`, level: "warning" });
    return;
  }
  for (const doc of open) doc.held = true;
  try {
    const answer = await change("delete", { paths });
    for (const path of paths) discard(path);
    applyProject(answer.project);
    const message = paths.length === 1 ? `Deleted “${nameOf(paths[0])}”` : `Deleted ${counted(paths.length, "file")}`;
    const reopen = () => shownBefore.forEach((path) => openAgain(path));
    showToast({ message, action: undoable(answer.undo, reopen) });
  } catch (error) {
    for (const doc of open) doc.held = false;
    complain(error);
  }
}

/** @param {string} path */
const openAgain = (path) => void open(path, { focus: false });

/** Puts a file that someone else deleted back, as it stands here. @param {import("./save/document.js").OpenDocument} doc */
export async function createAgain(doc) {
  try {
    const { content } = doc;
    const answer = await change("create", { files: [{ path: doc.path, content }] });
    doc.revive(await read("file", { path: doc.path }), content);
    applyProject(answer.project);
  } catch (error) {
    complain(error);
  }
}

/**
 * @param {{path: string, content: string, base_content: string}[]} edits
 * @returns {Promise<void>} throws what `reasonOf` explains
 */
export async function replaceAll(edits) {
  const answer = await change("save_all", { edits });
  applyProject(answer.project);
  await Promise.all(edits.map(({ path }) => refetch(path)));
  const back = edits.map(({ path, content, base_content }) => ({ path, content: base_content, base_content: content }));
  const run = async () => {
    try {
      const undone = await change("save_all", { edits: back });
      applyProject(undone.project);
      await Promise.all(back.map(({ path }) => refetch(path)));
    } catch (error) {
      complain(error);
    }
  };
  showToast({ message: `Replaced in ${counted(edits.length, "file")}`, action: { label: "Undo", run } });
}
