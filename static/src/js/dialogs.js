// [data-dialog-open="id"] opens that <dialog>; [data-dialog-close] or a click beside it closes it.
// A dialog swapped in with [data-dialog-auto] opens at once.
import { on } from "./lib/dom.js";

/** @param {Element | null} dialog */
function open(dialog) {
  if (!(dialog instanceof HTMLDialogElement) || dialog.open) return;
  dialog.showModal();
  // Where no field asks for it, the first one is a better start than the button that closes.
  if (!dialog.querySelector("[autofocus]")) {
    /** @type {HTMLElement | null} */ (
      dialog.querySelector(":is(input:not([type=hidden]), select, textarea):not(:disabled)")
    )?.focus();
  }
}

on("click", "[data-dialog-open]", (button, event) => {
  event.preventDefault();
  open(document.getElementById(button.dataset.dialogOpen ?? ""));
});
on("click", "[data-dialog-close]", (button) => button.closest("dialog")?.close());
on("click", "dialog", (dialog, event) => {
  if (event.target === dialog && !dialog.matches("[data-dialog-keep]")) {
    /** @type {HTMLDialogElement} */ (dialog).close();
  }
});
document.addEventListener("htmx:afterSettle", (event) => {
  const target = /** @type {Element} */ (event.target);
  if (target.matches("dialog[data-dialog-auto]")) open(target);
  target.querySelectorAll("dialog[data-dialog-auto]").forEach(open);
});
// Ctrl and Enter send the form of a dialog, from any of its fields.
document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || event.defaultPrevented) return;
  const target = /** @type {Element} */ (event.target);
  const form = target.closest("dialog[open]")?.querySelector("form[method=post]");
  const button = form?.querySelector("button[type=submit]:not(:disabled)");
  if (!(form instanceof HTMLFormElement) || !(button instanceof HTMLButtonElement)) return;
  event.preventDefault();
  form.requestSubmit(button);
});
// A form in a dialog that was accepted closes it.
document.addEventListener("htmx:afterRequest", (event) => {
  const { elt, successful } = /** @type {CustomEvent} */ (event).detail;
  const dialog = elt.closest?.("dialog[data-dialog-done]");
  if (dialog && successful && elt.matches("form")) dialog.close();
});
