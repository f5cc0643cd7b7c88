// What the file in front needs from the person, above its text.
import { element } from "../../lib/dom.js";
import { showToast } from "../../lib/toast.js";
import { createAgain } from "../changes.js";
import { forget } from "../save/drafts.js";
import { signInAgain } from "../save/sign-in.js";
import { activeDocument, canEdit, discard, documents, filesChanged, project, restoreLost, shown, stateChanged } from "../workspace.js";
import { settleConflict } from "./conflict.js";

const bar = /** @type {HTMLElement} */ (document.querySelector("[data-banner]"));

/** @typedef {{text: string, level?: string, actions?: [string, () => void][]}} Banner */

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
  const banner = bannerFor(doc);
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
  for (const signal of [shown, stateChanged]) signal.add(render);
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

