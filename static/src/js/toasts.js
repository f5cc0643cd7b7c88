// Shows the server's toasts: the "toast" event of an htmx answer (HX-Trigger), or, after a
// redirect, a short-lived cookie.
import { showToast } from "./lib/toast.js";
import { on } from "./lib/dom.js";

const LIFE_MS = 4000;
const LIFE_WITH_UNDO_MS = 9000;

document.addEventListener("toast", (event) => showToast(/** @type {CustomEvent} */ (event).detail));
on("click", "[data-toast-close]", (button) => button.closest(".toast-item")?.remove());
on("click", "[data-toast-undo]", (button) => {
  window.htmx.ajax("POST", button.dataset.toastUndo, { source: document.body, swap: "none" });
  button.closest(".toast-item")?.remove();
});

function fromCookie() {
  const text = document.cookie.match(/(?:^|; )toast=([^;]*)/)?.[1];
  if (!text) return;
  document.cookie = "toast=; path=/; max-age=0; samesite=lax";
  try {
    // Cookie writers may quote the value.
    showToast(JSON.parse(decodeURIComponent(text.replace(/^"|"$/g, ""))));
  } catch {
    // not ours
  }
}

/** Failures stay until closed; the rest go, unless someone is reading them. */
function age() {
  for (const toast of document.querySelectorAll(".toast-item:not([data-keep])")) {
    if (toast.matches(":hover, :focus-within")) continue;
    const lived = Number(toast.dataset.lived ?? 0) + 1000;
    toast.dataset.lived = String(lived);
    const life = toast.querySelector("[data-toast-undo]") ? LIFE_WITH_UNDO_MS : LIFE_MS;
    if (lived >= life) toast.remove();
  }
}
setInterval(age, 1000);
fromCookie();
