// What was typed into a dialog survives the end of the session: it waits in this tab while its
// writer signs in again. Only notes, reasons and descriptions: never a secret or a password.
import { showToast } from "./lib/toast.js";

const KEY = "devora-draft";
const KEPT_MS = 30 * 60_000;
const FIELDS = ["text", "reason", "description"].map((name) => `textarea[name=${name}]`).join();
const writer = () => document.querySelector("#user-menu .menu-who span")?.textContent ?? "";

document.addEventListener("htmx:beforeOnLoad", (event) => {
  const { xhr, elt, requestConfig } = /** @type {CustomEvent} */ (event).detail;
  const to = xhr.getResponseHeader("HX-Redirect") ?? "";
  if (requestConfig.verb === "get" || !to.startsWith("/login/") || !elt.closest("dialog")) return;
  const fields = [...elt.querySelectorAll(FIELDS)].filter((field) => field.value);
  if (!fields.length) return;
  sessionStorage.setItem(KEY, JSON.stringify({
    at: Date.now(), writer: writer(), page: location.pathname, form: requestConfig.path,
    values: fields.map((field) => [field.name, field.value]),
  }));
});

async function bringBack() {
  const kept = sessionStorage.getItem(KEY);
  if (!kept || !writer()) return;
  const draft = JSON.parse(kept);
  const slot = document.getElementById("dialog-slot");
  const isTheirs = draft.writer === writer() && Date.now() - draft.at < KEPT_MS;
  if (isTheirs && (draft.page !== location.pathname || !slot)) return;
  sessionStorage.removeItem(KEY);
  if (!isTheirs) return;
  await window.htmx.ajax("GET", draft.form, { target: "#dialog-slot", swap: "innerHTML" });
  for (const [name, value] of draft.values) {
    const field = slot?.querySelector(`textarea[name="${CSS.escape(name)}"]`);
    if (field instanceof HTMLTextAreaElement) field.value = value;
  }
  showToast({ message: "You had been signed out. What you had typed is here again.", level: "info" });
}

document.addEventListener("DOMContentLoaded", bringBack);
