// [data-vanishes="60"]: what is inside is taken off the page after that many seconds, when its
// dialog closes, or when [data-vanish] is clicked. [data-vanishes-left] counts down.
import { on } from "./lib/dom.js";

/** @param {HTMLElement} box */
function vanish(box) {
  const dialog = box.closest("dialog");
  const back = /** @type {HTMLAnchorElement | null} */ (box.querySelector("[data-vanish]"))?.href;
  box.replaceChildren();
  box.remove();
  if (dialog) {
    dialog.close();
    dialog.remove();
  } else if (back) {
    location.replace(back);
  }
}

/** @param {HTMLElement} box */
function watch(box) {
  if (box.dataset.watched !== undefined) return;
  box.dataset.watched = "";
  const until = Date.now() + Number(box.dataset.vanishes) * 1000;
  const left = box.querySelector("[data-vanishes-left]");
  // By the clock: a tab in the background, or a laptop that slept, counts no ticks.
  const timer = setInterval(() => {
    const seconds = Math.ceil((until - Date.now()) / 1000);
    if (left) left.textContent = String(Math.max(0, seconds));
    if (seconds > 0 && box.isConnected) return;
    clearInterval(timer);
    if (box.isConnected) vanish(box);
  }, 250);
  // Its dialog may have been closed before the answer came; one that opens by itself does so first.
  setTimeout(() => {
    const dialog = box.closest("dialog");
    if (dialog && !dialog.open) vanish(box);
  });
}

/** @param {ParentNode} root */
function watchAll(root) {
  for (const box of root.querySelectorAll("[data-vanishes]")) watch(/** @type {HTMLElement} */ (box));
}
document.addEventListener("htmx:afterSettle", (event) => {
  const target = /** @type {HTMLElement} */ (event.target);
  if (target.matches("[data-vanishes]")) watch(target);
  watchAll(target);
});
// On its way down, as this event does not rise; also of a box that is not settled yet.
document.addEventListener(
  "close",
  ({ target }) => {
    if (!(target instanceof HTMLDialogElement)) return;
    for (const box of target.querySelectorAll("[data-vanishes]")) vanish(/** @type {HTMLElement} */ (box));
  },
  true,
);
on("click", "[data-vanish]", (link, event) => {
  const box = /** @type {HTMLElement | null} */ (link.closest("[data-vanishes]"));
  if (!box) return;
  event.preventDefault();
  vanish(box);
});
window.addEventListener("pagehide", () => {
  for (const box of document.querySelectorAll("[data-vanishes]")) box.remove();
});
watchAll(document);
