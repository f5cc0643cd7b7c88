// The marks above a chart: pointing at one tells what happened, choosing it goes to the list of notes beneath.
import { MARKS_PX } from "./option.js";

const NEAR_PX = 10;

/** @param {HTMLElement} figure @param {any} chart @param {import("./reading.js").Read} read */
export function pointAtMarks(figure, chart, read) {
  if (!read.notes.length) return;
  const places = [...new Set(read.notes.map((note) => note.at))];
  const near = (/** @type {any} */ event) => (event.offsetY > MARKS_PX ? undefined : nearest(chart, places, event.offsetX));
  let isTold = false;
  chart.getZr().on("mousemove", (/** @type {any} */ event) => {
    const at = near(event);
    if (at !== undefined) {
      chart.getZr().setCursorStyle("pointer");
      chart.dispatchAction({ type: "showTip", x: place(chart, at), y: MARKS_PX + 8 });
    } else if (isTold && event.offsetY <= MARKS_PX) chart.dispatchAction({ type: "hideTip" });
    isTold = at !== undefined;
  });
  chart.getZr().on("click", (/** @type {any} */ event) => {
    const at = near(event);
    if (at !== undefined) show(figure, read, at);
  });
}

/** @param {any} chart @param {number[]} places @param {number} x @returns {number | undefined} */
function nearest(chart, places, x) {
  const away = (/** @type {number} */ at) => Math.abs(place(chart, at) - x);
  const found = places.filter((at) => chart.containPixel("grid", [place(chart, at), MARKS_PX + 8]));
  const best = found.sort((one, other) => away(one) - away(other))[0];
  return best !== undefined && away(best) <= NEAR_PX ? best : undefined;
}

/** @param {any} chart @param {number} at @returns {number} */
function place(chart, at) {
  return chart.convertToPixel({ xAxisIndex: 0 }, at);
}

/** @param {HTMLElement} figure @param {import("./reading.js").Read} read @param {number} at */
function show(figure, read, at) {
  const list = figure.querySelector("details[data-chart-notes]");
  if (!(list instanceof HTMLDetailsElement)) return;
  list.open = true;
  const items = [...list.querySelectorAll("[data-chart-note]")];
  const found = items[read.notes.findIndex((note) => note.at === at)];
  if (!(found instanceof HTMLElement)) return;
  found.scrollIntoView({ block: "nearest" });
  found.focus({ preventScroll: true });
}
