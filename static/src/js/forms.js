// Plain forms: no double send, and the first field with an error gets the focus.
import { on } from "./lib/dom.js";

on("submit", "form[method=post]:not([hx-post])", (form, event) => {
  if (form.dataset.sent !== undefined) event.preventDefault();
  form.dataset.sent = "";
});
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
});

/** @param {ParentNode} root */
function focusFirstError(root) {
  /** @type {HTMLElement | null} */ (root.querySelector('[aria-invalid="true"]'))?.focus();
}
document.addEventListener("htmx:afterSettle", (event) => focusFirstError(/** @type {Element} */ (event.target)));
focusFirstError(document);

// [data-reveal="id"] shows and hides a password.
on("click", "[data-reveal]", (button) => {
  const field = /** @type {HTMLInputElement} */ (document.getElementById(button.dataset.reveal ?? ""));
  const shown = field.type === "text";
  field.type = shown ? "password" : "text";
  button.setAttribute("aria-pressed", String(!shown));
});
