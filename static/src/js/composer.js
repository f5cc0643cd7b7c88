// What one writes in an issue is kept as it is typed: on the server, and until that has it, in this
// tab. Other parts put text in with the event "composer:insert".
import { on } from "./lib/dom.js";
import { showToast } from "./lib/toast.js";

const WAIT_MS = 800;
const AGAIN_MS = 5000;
/** @type {number | undefined} */
let timer;
/** @type {Promise<boolean>} */
let saving = Promise.resolve(true);

const form = () => /** @type {HTMLFormElement | null} */ (document.getElementById("composer"));
const text = () => /** @type {HTMLTextAreaElement | null} */ (document.getElementById("composer-text"));
const csrf = () => JSON.parse(document.body.getAttribute("hx-headers") ?? "{}")["X-CSRFToken"];

/** @param {HTMLFormElement} of @param {string} name */
const input = (of, name) => /** @type {HTMLInputElement} */ (of.elements.namedItem(name));

/** @param {HTMLFormElement} of */
const key = (of) => `devora-composer:${of.dataset.draft}:${of.dataset.kind}`;

/** @param {string} words */
function say(words) {
  const place = document.querySelector("[data-draft-state]");
  if (place && place.textContent !== words) place.textContent = words;
}

/** @param {HTMLFormElement} of */
function bodyOf(of) {
  const body = new FormData(of);
  body.delete("files");
  return body;
}

/** What was typed is not saved yet. */
function touched() {
  const of = form();
  if (!of) return;
  of.dataset.dirty = "1";
  delete of.dataset.unsavable;
  sessionStorage.setItem(key(of), text()?.value ?? "");
  say("");
  clearTimeout(timer);
  timer = window.setTimeout(save, WAIT_MS);
}

/** One save at a time; true when nothing is left to be saved. */
function save() {
  clearTimeout(timer);
  saving = saving.then(saveNow);
  return saving;
}

async function saveNow() {
  const of = form();
  if (!of || !of.dataset.dirty) return true;
  delete of.dataset.dirty;
  const words = text()?.value;
  const headers = { "X-CSRFToken": csrf(), Accept: "application/json" };
  const answer = await fetch(of.dataset.draft ?? "", { method: "POST", body: bodyOf(of), headers, redirect: "manual" }).catch(() => null);
  if (of !== form()) return true; // it was sent meanwhile
  if (answer?.ok) {
    input(of, "draft").value = (await answer.json()).revision;
    of.querySelector("[data-draft-discard]")?.removeAttribute("hidden");
    if (words === text()?.value) sessionStorage.removeItem(key(of));
    say("Draft saved");
    return true;
  }
  of.dataset.dirty = "1";
  if (answer?.status === 409) return elsewhere(of, await answer.json());
  if (answer?.status === 413) say("Too long to be saved as a draft");
  else {
    say("The draft is not saved yet");
    timer = window.setTimeout(save, AGAIN_MS);
  }
  return false;
}

/** Another tab wrote in the same draft: nothing is overwritten before this is decided. */
async function elsewhere(/** @type {HTMLFormElement} */ of, /** @type {any} */ found) {
  if (found.text === text()?.value) { // by this very page, as it was loaded anew
    input(of, "draft").value = found.revision;
    delete of.dataset.dirty;
    sessionStorage.removeItem(key(of));
    of.querySelector("[data-draft-discard]")?.removeAttribute("hidden");
    say("Draft saved");
    return true;
  }
  say("Not saved: changed in another tab");
  showToast({
    message: found.message ?? "This draft was changed in another tab.",
    level: "warning",
    action: { label: "Keep both", run: () => keepBoth(of, found) },
  });
  return false;
}

/** Neither is lost: what is here stands behind what the other tab kept. @param {HTMLFormElement} of @param {any} found */
function keepBoth(of, found) {
  const field = text();
  if (!field) return;
  if (found.text && !field.value.includes(found.text)) field.value = `${found.text}\n\n${field.value}`;
  input(of, "draft").value = found.revision ?? 0;
  touched();
}

/** @param {string} words */
function insert(words) {
  const field = text();
  if (!field) return;
  field.focus();
  field.setRangeText(words, field.selectionStart, field.selectionEnd, "end");
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

/** What this tab still has from before it was loaded anew. */
function bringBack() {
  const of = form(), field = text();
  if (!of || !field) return;
  const kept = sessionStorage.getItem(key(of));
  if (kept !== null && kept !== "" && kept !== field.value) {
    field.value = kept;
    touched();
  } else if (field.value && Number(input(of, "draft").value)) {
    say("Draft restored");
  }
}

document.addEventListener("composer:insert", (event) => insert(/** @type {CustomEvent} */ (event).detail.text));
document.addEventListener("composer:changed", touched);
on("input", "#composer-text", touched);
on("keydown", "#composer-text", (field, event) => {
  const { key: name, ctrlKey, metaKey, shiftKey, altKey } = /** @type {KeyboardEvent} */ (event);
  if (name === "Escape") return field.blur(); // single keys are shortcuts again
  if (name !== "Enter" || !(ctrlKey || metaKey)) return;
  event.preventDefault();
  const status = shiftKey ? "resolved" : altKey ? "pending" : "";
  const button = form()?.querySelector(status ? `.composer-send[value="${status}"]` : ".composer-send");
  /** @type {HTMLElement | null} */ (button ?? null)?.click();
});

// To the other kind only once what stands here is safe.
document.addEventListener("htmx:confirm", (event) => {
  const { elt, issueRequest } = /** @type {CustomEvent} */ (event).detail;
  const kind = elt.dataset?.composerKind;
  if (!kind) return;
  event.preventDefault();
  if (kind === form()?.dataset.kind) text()?.focus();
  else save().then((isSafe) => isSafe && issueRequest());
});
document.addEventListener("htmx:beforeRequest", (event) => {
  if (/** @type {CustomEvent} */ (event).detail.elt !== form()) return;
  clearTimeout(timer); // what is sent is no draft any more
  text()?.setAttribute("readonly", "");
});
document.addEventListener("htmx:afterRequest", (event) => {
  const { elt, successful } = /** @type {CustomEvent} */ (event).detail;
  const isDiscard = elt.hasAttribute?.("data-draft-discard");
  if (elt.id !== "composer" && !isDiscard) return;
  text()?.removeAttribute("readonly");
  if (successful && elt.dataset) sessionStorage.removeItem(key(isDiscard ? elt.form : elt));
});
document.addEventListener("htmx:load", (event) => {
  const { elt } = /** @type {CustomEvent} */ (event).detail;
  if (elt.id === "composer" && elt.querySelector(".alert")) touched(); // it was refused: kept once more
});
document.addEventListener("htmx:beforeSwap", (event) => {
  const { target, xhr } = /** @type {CustomEvent} */ (event).detail;
  if (target?.id === "composer" && xhr.status === 200) sessionStorage.removeItem(key(target));
});
window.addEventListener("pagehide", () => {
  const of = form();
  if (!of?.dataset.dirty) return;
  fetch(of.dataset.draft ?? "", { method: "POST", body: bodyOf(of), headers: { "X-CSRFToken": csrf() }, keepalive: true }).catch(() => {});
});
bringBack();
