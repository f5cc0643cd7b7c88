// [data-shortcut="g p"] is a key, or keys one after the other, that focuses a field or
// clicks anything else. Only for what can be undone by going back. Off while typing.
import { element, isTyping } from "./lib/dom.js";

const SEQUENCE_MS = 1200;
let typed = /** @type {string[]} */ ([]);
let last = 0;

/** @param {HTMLElement} target */
function use(target) {
  if (isTyping(target)) {
    target.focus();
    /** @type {HTMLInputElement} */ (target).select?.();
  } else {
    target.click();
  }
}

const modified = (/** @type {KeyboardEvent} */ event) => event.ctrlKey || event.metaKey || event.altKey;
const all = () => /** @type {HTMLElement[]} */ ([...document.querySelectorAll("[data-shortcut]")]);

/** @param {HTMLElement | null} each */
const length = (each) => each?.dataset.shortcut?.length ?? 0;

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || modified(event) || isTyping(event.target)) return;
  if (document.querySelector("dialog[open]") || event.key.length > 1) return;
  typed = Date.now() - last < SEQUENCE_MS ? [...typed, event.key] : [event.key];
  last = Date.now();
  // A page's own come after the frame's, and go before them; "g p" goes before a "p".
  const found = all().filter((each) => {
    const keys = each.dataset.shortcut?.split(" ") ?? [];
    return keys.join() === typed.slice(-keys.length).join();
  }).reduce((best, each) => (length(each) >= length(best) ? each : best), /** @type {HTMLElement | null} */ (null));
  if (!found) return;
  event.preventDefault();
  typed = [];
  use(found);
});

/** @typedef {[keys: string, name: string]} Line */

/** @param {ParentNode} place @returns {Line[]} what its elements answer to */
function lines(place) {
  const own = [...place.querySelectorAll("[data-shortcut]")].map((each) => {
    const { shortcut, shortcutLabel } = /** @type {HTMLElement} */ (each).dataset;
    return /** @type {Line} */ ([shortcut ?? "", shortcutLabel ?? each.getAttribute("aria-label") ?? each.textContent ?? ""]);
  });
  const more = [...place.querySelectorAll("[data-keys]")].flatMap((each) =>
    (/** @type {HTMLElement} */ (each).dataset.keys ?? "").split("; ").map((line) => /** @type {Line} */ (line.split(": "))),
  );
  return [...new Map([...own, ...more])];
}

/** @param {string} title @param {Line[]} found */
function part(title, found) {
  const rows = found.map(([keys, name]) => {
    const caps = keys.split(" ").map((key) => element("kbd", {}, key));
    return element("div", {}, element("dt", {}, name.trim()), element("dd", {}, ...caps));
  });
  return [element("h3", { class: "shortcut-title" }, title), element("dl", { class: "shortcut-list" }, ...rows)];
}

/** The dialog lists what this page has, so it cannot go out of date. [data-keys] tells of keys that
 * other modules look after: "j: Next row; k: Row before". */
function fill() {
  const main = document.querySelector("main");
  const here = main ? lines(main) : [];
  const known = new Set(here.map(([keys]) => keys));
  const everywhere = lines(document).filter(([keys]) => !known.has(keys));
  const parts = [...(here.length ? part("On this page", here) : []), ...part("Everywhere", everywhere)];
  document.querySelector("[data-shortcut-list]")?.replaceChildren(...parts);
}
document.addEventListener("click", (event) => {
  const opener = /** @type {Element} */ (event.target).closest('[data-dialog-open="shortcuts"]');
  if (opener) fill();
}, true);
