// What the file in front needs from the person, above its text.
import { element } from "../../lib/dom.js";
import { showToast } from "../../lib/toast.js";
import { createAgain } from "../changes.js";
import { counted, nameOf } from "../lib.js";
import { forget } from "../save/drafts.js";
import { signInAgain } from "../save/sign-in.js";
import { activeDocument, canEdit, discard, documents, filesChanged, open, project, restoreLost, shown, stateChanged, tabs, tabsChanged } from "../workspace.js";
import { settleConflict } from "./conflict.js";

const bar = /** @type {HTMLElement} */ (document.querySelector("[data-banner]"));

/** @typedef {{text: string, level?: string, actions?: [string, () => void][]}} Banner */

/** Files restored behind the one in front, until each was looked at. @type {Set<string>} */
const behind = new Set();

/** @param {string[]} paths */
export function tellRestored(paths) {
  for (const path of paths) behind.add(path);
  render();
}

/** @returns {Banner | null} */
function restoredBanner() {
  const left = [...behind].filter((path) => tabs.includes(path));
  if (!left.length) return null;
  return {
    text: `Restored unsaved changes in ${left.length === 1 ? left[0] : counted(left.length, "file")}`,
    actions: [
      [`Go to ${nameOf(left[0])}`, () => void open(left[0])],
      ["Dismiss", dismissRestored],
    ],
  };
}

function dismissRestored() {
  behind.clear();
  render();
}

/** @param {import("../save/document.js").OpenDocument | null} doc @returns {Banner | null} */
function bannerFor(doc) {
  if (!doc) return null;
  switch (doc.state) {
    case "conflict":
      return {
        text: "Someone else changed the same lines. Both versions are kept until you choose.",
        level: "danger",
        actions: [["Review", () => void settleConflict(doc)]],
      };
    case "gone":
      if (doc.projectGone) {
        return {
          text: `${doc.message} Your text is kept as a draft in this browser.`,
          level: "danger",
          actions: [
            ["Copy the text", () => void navigator.clipboard.writeText(doc.content)],
            ["Download", () => download(doc)],
          ],
        };
      }
      return {
        text: doc.message,
        level: "warning",
        actions: [
          ...(canEdit() ? /** @type {[string, () => void][]} */ ([["Create it again", () => void createAgain(doc)]]) : []),
          ["Copy the text", () => void navigator.clipboard.writeText(doc.content)],
          ["Discard", () => letGo(doc)],
        ],
      };
    case "refused":
      return {
        text: `Not saved. ${doc.message} Your text is kept in this browser.`,
        level: "danger",
        actions: [["Try again", () => void doc.save()]],
      };
    case "signed_out":
      return {
        text: "Your session has ended. What you type is kept in this browser.",
        level: "warning",
        actions: [["Sign in", signIn]],
      };
    case "readonly":
      return doc.message ? { text: doc.message, level: "warning" } : null;
    default:
      return null;
  }
}

/** @param {import("../save/document.js").OpenDocument} doc */
function download(doc) {
  const href = URL.createObjectURL(new Blob([doc.content], { type: "text/plain" }));
  element("a", { href, download: nameOf(doc.path) }).click();
  setTimeout(() => URL.revokeObjectURL(href), 60_000);
}

/** @param {import("../save/document.js").OpenDocument} doc */
function letGo(doc) {
  const draft = doc.draft();
  discard(doc.path);
  forget(draft.path);
  const action = { label: "Undo", run: () => void restoreLost(draft) };
  showToast({ message: `Discarded “${draft.path}”`, action });
}

async function signIn() {
  if (!(await signInAgain("Your session has ended."))) return;
  for (const doc of documents.values()) doc.save();
}

let shownText = "";
function render() {
  const doc = activeDocument();
  behind.delete(doc?.path ?? "");
  const banner = bannerFor(doc) ?? restoredBanner();
  const key = banner ? `${doc?.path} ${doc?.state} ${banner.text}` : "";
  if (key === shownText) return;
  shownText = key;
  bar.hidden = !banner;
  if (!banner) return bar.replaceChildren();
  bar.dataset.level = banner.level ?? "info";
  bar.replaceChildren(
    element("span", {}, banner.text),
    ...(banner.actions ?? []).map(([label, run]) => {
      const button = element("button", { type: "button", class: "btn btn-sm" }, label);
      button.addEventListener("click", run);
      return button;
    }),
  );
}

/** What is wrong with the project as a whole. */
function renderProblems() {
  const list = /** @type {HTMLElement} */ (document.querySelector("[data-problems]"));
  const facts = [...project.problems];
  if (project.archived) facts.unshift("This project is archived. Restore it to edit its files.");
  list.hidden = facts.length === 0;
  const shownFacts = facts.slice(0, 5).map((fact) => element("li", {}, fact));
  if (facts.length > 5) shownFacts.push(element("li", {}, `and ${facts.length - 5} more`));
  list.querySelector("ul")?.replaceChildren(...shownFacts);
}

export function startBanner() {
  for (const signal of [shown, stateChanged, tabsChanged]) signal.add(render);
  filesChanged.add(renderProblems);
  renderProblems();
  // A conflict of the file in front opens by itself, once the hands are off the keys.
  const offered = new WeakMap();
  stateChanged.add((doc) => {
    if (doc.state !== "conflict" || doc !== activeDocument() || offered.get(doc) === doc.conflict) return;
    offered.set(doc, doc.conflict);
    settleConflict(doc, { wait: true });
  });
}

