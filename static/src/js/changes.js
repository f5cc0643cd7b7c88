// [data-step="change"] and [data-step="file"] walk through a comparison: from where the reader is,
// which may be elsewhere than the step before.
import { on } from "./lib/dom.js";

const ROOM_PX = 150; // below the bar on top and a file's own head
const SELECTORS = /** @type {Record<string, string>} */ ({ change: "[data-change]", file: "[data-file]" });

/** @param {Element} each */
const top = (each) => each.getBoundingClientRect().top;
/** @param {Element} each */
const isSeen = (each) => top(each) >= 0 && top(each) < window.innerHeight;

/** @param {HTMLElement[]} all @param {number} by */
function next(all, by) {
  const here = all.findIndex((each) => each.matches(".is-current"));
  if (here >= 0 && isSeen(all[here])) return all[here + by];
  return by > 0 ? all.find((each) => top(each) > ROOM_PX) : all.findLast((each) => top(each) < ROOM_PX - 10);
}

on("click", "[data-step]", (button) => {
  const selector = SELECTORS[button.dataset.step ?? ""];
  if (!selector) return;
  const by = Number(button.dataset.stepBy ?? 1);
  const all = /** @type {HTMLElement[]} */ ([...document.querySelectorAll(selector)]);
  const target = next(all, by);
  if (!target) {
    // The files after these load as soon as their place comes into view.
    if (by > 0) document.querySelector("[data-more-files]")?.scrollIntoView({ block: "center" });
    return;
  }
  for (const each of document.querySelectorAll(".is-current:is([data-change], [data-file])")) each.classList.remove("is-current");
  target.classList.add("is-current");
  target.focus({ preventScroll: true });
  target.scrollIntoView({ block: "start" });
});
