// The editor's page: see templates/projects/edit.html for its parts.
import "../../css/editor.css";
import { boot } from "./boot.js";
import { createEditor } from "./editor.js";
import { startKeys } from "./keys.js";
import { followTheme, useWorker } from "./monaco.js";
import { unkept } from "./save/drafts.js";
import { activeDocument, documents, open, project, restoreDrafts, shown, unsaved } from "./workspace.js";
import { startBanner, tellRestored } from "./views/banner.js";
import { startFinder, openFinder } from "./views/finder.js";
import { showPanel, startPanels } from "./views/panels.js";
import { startPeople } from "./views/people.js";
import { startSearch } from "./views/search.js";
import { startStatus } from "./views/status.js";
import { startTabs } from "./views/tabs.js";
import { newFile, startTree } from "./views/tree.js";
import { chooseUpload } from "./views/upload.js";
import { showToast } from "../lib/toast.js";

const frame = /** @type {HTMLElement} */ (document.querySelector("[data-editor]"));

/** @type {Record<string, () => void>} */
const ACTIONS = {
  find: openFinder,
  search: () => showPanel("search", { focus: true }),
  "new-file": () => newFile(""),
  upload: () => chooseUpload(""),
};

function startButtons() {
  document.addEventListener("click", (event) => {
    const button = /** @type {HTMLElement | null} */ (/** @type {Element} */ (event.target).closest("[data-do]"));
    if (button) ACTIONS[button.dataset.do ?? ""]?.();
  });
}

/** The address names the file in front, so that it can be shared and survives a reload. */
function followAddress() {
  shown.add(({ doc }) => {
    const url = new URL(location.href);
    if (doc) url.searchParams.set("file", doc.path);
    else url.searchParams.delete("file");
    if (doc?.path !== boot.wanted) url.hash = "";
    history.replaceState(history.state, "", url);
    frame.querySelector("[data-none]")?.toggleAttribute("hidden", doc !== null);
  });
}

/** Leaving is a good moment to save, and with text unsaved a bad one to go without a word. */
function guard() {
  window.addEventListener("beforeunload", (event) => {
    if (unsaved().length) event.preventDefault();
  });
  const saveNow = () => {
    for (const doc of documents.values()) {
      if (["unsaved", "offline"].includes(doc.state)) doc.save();
    }
  };
  window.addEventListener("blur", saveNow);
  window.addEventListener("online", saveNow);
  document.addEventListener("visibilitychange", saveNow);
  unkept.add(() => {
    const message = "This browser cannot keep drafts. Wait for “Saved” before you leave the page.";
    showToast({ message, level: "danger" });
  });
}

/** @returns {string} the file to begin with */
function first() {
  const readable = project.files.filter((row) => !row.problem);
  const asked = readable.find((row) => row.path === boot.wanted);
  return asked?.path ?? "";
}

/** The line of an address that ends with #L12, or #L12-L20. */
function askedLine() {
  const line = /^#L(\d{1,6})\b/.exec(location.hash)?.[1];
  return line ? { line: Number(line), column: 1, length: 0 } : undefined;
}

async function begin() {
  const path = first();
  if (path) await open(path, { select: askedLine() });
  else shown.send({ doc: null, focus: false });
  if (boot.wanted && !path) showToast({ message: `There is no file “${boot.wanted}” in this project.`, level: "warning" });
  frame.dispatchEvent(new CustomEvent("editor:ready", { bubbles: true }));
  frame.dataset.ready = "";
  performance.mark("editor-ready");
  const restored = await restoreDrafts();
  if (!restored.length) return;
  // The file in front stays there: keys being typed are meant for it.
  if (!activeDocument()) await open(restored.find((each) => each === boot.wanted) ?? restored[0]);
  const front = activeDocument()?.path ?? "";
  if (restored.includes(front)) showToast({ message: `Restored unsaved changes in ${front}`, level: "info" });
  tellRestored(restored.filter((each) => each !== front));
}

useWorker(frame.dataset.worker ?? "");
followTheme();
createEditor(/** @type {HTMLElement} */ (frame.querySelector("[data-monaco]")));
startStatus();
startBanner();
startTabs();
startTree();
startPanels();
startFinder();
startSearch();
startButtons();
startKeys();
followAddress();
guard();
begin().then(startPeople);
