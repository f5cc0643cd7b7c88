// The "toast" event (from the HX-Trigger header) shows a message; Django's messages are
// already in the region when the page loads.
import { showToast } from "./lib/toast.js";
import { on } from "./lib/dom.js";

const LIFE_MS = 6000;

document.addEventListener("toast", (event) => {
  showToast(/** @type {CustomEvent} */ (event).detail);
});
on("click", "[data-toast-close]", (button) => button.closest(".toast-item")?.remove());
on("click", "[data-toast-undo]", (button) => {
  window.htmx.ajax("POST", button.dataset.toastUndo, { source: document.body, swap: "none" });
  button.closest(".toast-item")?.remove();
});

/** Errors and undo stay until closed; the rest go unless someone is reading them. */
function ageToasts() {
  for (const toast of document.querySelectorAll(".toast-item:not([data-keep])")) {
    const age = Number(toast.dataset.age ?? 0) + 1000;
    if (!toast.matches(":hover, :focus-within")) toast.dataset.age = String(age);
    if (age > LIFE_MS) toast.remove();
  }
}
setInterval(ageToasts, 1000);
