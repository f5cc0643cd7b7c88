// What lies in [data-rows], rows of a table or [data-row], by keyboard: j and k move, Enter opens, x selects.
// With [data-arrows] the arrow keys move as well, out of [data-arrows-from] and back into it.
import { isTyping } from "./lib/dom.js";

const ROW = "[data-rows] :is(tbody tr, [data-row])";
const rows = () => /** @type {HTMLElement[]} */ ([...document.querySelectorAll(ROW)]);

/** @param {number} step */
function move(step) {
  const all = rows();
  const here = all.findIndex((row) => row.matches(".is-current"));
  const next = all[Math.min(Math.max(here + step, 0), all.length - 1)];
  if (!next) return;
  for (const row of all) row.classList.toggle("is-current", row === next);
  // The link takes the focus, so Enter opens it and a screen reader says where one is.
  const target = next.querySelector("[data-row-link]") ?? next.querySelector("a, input");
  /** @type {HTMLElement | null} */ (target)?.focus({ preventScroll: true });
  next.scrollIntoView({ block: "nearest" });
}

function select() {
  const row = rows().find((each) => each.matches(".is-current, :focus-within"));
  /** @type {HTMLElement | null} */ (row?.querySelector("[data-select-row]"))?.click();
}

const KEYS = /** @type {Record<string, () => void>} */ ({ j: () => move(1), k: () => move(-1), x: select });

/** A box to tick is no place where one types. @param {EventTarget | null} target */
const isText = (target) => isTyping(target) && !(target instanceof HTMLInputElement && /^(checkbox|radio)$/.test(target.type));

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
  if (isText(event.target) || document.querySelector("dialog[open]") || rows().length === 0) return;
  const act = KEYS[event.key];
  if (!act) return;
  event.preventDefault();
  act();
});
document.addEventListener("keydown", (event) => {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!step || event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
  const target = /** @type {HTMLElement} */ (event.target);
  if (!document.querySelector("[data-arrows]") || !target.closest("[data-arrows], [data-arrows-from]")) return;
  event.preventDefault();
  const [first] = rows();
  if (step < 0 && first?.contains(target)) {
    first.classList.remove("is-current");
    /** @type {HTMLElement | null} */ (document.querySelector("[data-arrows-from]"))?.focus();
  } else if (step > 0 && !target.closest("[data-arrows]")) {
    for (const row of rows()) row.classList.remove("is-current");
    move(1);
  } else {
    move(step);
  }
});
document.addEventListener("focusin", (event) => {
  const row = /** @type {Element} */ (event.target).closest?.(ROW);
  if (!row) return;
  for (const each of rows()) each.classList.toggle("is-current", each === row);
});

// [data-drop-empty]: a GET form that keeps what was left empty out of the address.
document.addEventListener("htmx:configRequest", (event) => {
  const { elt, parameters } = /** @type {CustomEvent} */ (event).detail;
  if (!elt.matches?.("[data-drop-empty]")) return;
  for (const [name, value] of [...parameters.entries()]) if (value === "") parameters.delete(name);
});
