// What the user sees of htmx requests: progress, and failures that never cost them a draft.
import { showToast } from "./lib/toast.js";

const TRY_AGAIN = "Your work on this page is still here; try again.";
const UNREACHABLE = `Can't reach the server. ${TRY_AGAIN}`;
const FAILED = `Something went wrong on our side. ${TRY_AGAIN}`;
const TOO_LONG = "That is too long to be sent. Make it shorter, or leave out a filter.";
const URI_TOO_LONG = 414;
let running = 0;

/** A poll does not deserve a progress bar. @param {any} event */
const isQuiet = (event) => Boolean(event.detail.elt?.closest?.("[data-quiet]"));

/** @param {number} step */
function count(step) {
  running = Math.max(0, running + step);
  document.documentElement.toggleAttribute("data-loading", running > 0);
}

// Nor does it show that anybody is there: the session may end meanwhile.
document.addEventListener("htmx:configRequest", (event) => {
  if (isQuiet(event)) /** @type {CustomEvent} */ (event).detail.headers["X-Background"] = "1";
});
document.addEventListener("htmx:beforeSend", (event) => isQuiet(event) || count(1));
document.addEventListener("htmx:afterRequest", (event) => isQuiet(event) || count(-1));

for (const failure of ["htmx:sendError", "htmx:timeout"]) {
  document.addEventListener(failure, () => showToast({ message: UNREACHABLE, level: "danger" }));
}

/**
 * The words of components/problem.html, if that is what came.
 * @param {string} html
 */
function problemIn(html) {
  if (!html.includes("data-problem")) return null;
  const parsed = new DOMParser().parseFromString(html, "text/html");
  const words = (/** @type {string} */ part) => parsed.querySelector(`[data-problem-${part}]`)?.textContent ?? "";
  return { message: words("message"), advice: words("advice") };
}

/**
 * Why an undo was refused: what its form, which nobody sees, says.
 * @param {string} html
 */
function refusalIn(html) {
  const alert = new DOMParser().parseFromString(html, "text/html").querySelector("[role=alert]");
  return alert?.textContent?.trim() || FAILED;
}

// A refused write must not replace the form it came from: its problem becomes a toast.
// A refused read shows the problem where the content would have been.
document.addEventListener("htmx:beforeSwap", (event) => {
  const { xhr, requestConfig, shouldSwap } = /** @type {CustomEvent} */ (event).detail;
  if (xhr.status < 400) return;
  const problem = problemIn(xhr.responseText);
  if (xhr.status >= 500) {
    showToast({ message: problem ? `${problem.message} ${TRY_AGAIN}` : FAILED, level: "danger" });
  } else if (xhr.status === URI_TOO_LONG) {
    showToast({ message: TOO_LONG, level: "danger" }); // by the server itself, in words of its own
  } else if (problem && requestConfig.verb !== "get") {
    /** @type {CustomEvent} */ (event).detail.shouldSwap = false;
    showToast({ message: `${problem.message} ${problem.advice}`.trim(), level: "danger" });
  } else if (requestConfig.verb !== "get" && requestConfig.elt === document.body) {
    /** @type {CustomEvent} */ (event).detail.shouldSwap = false;
    showToast({ message: refusalIn(xhr.responseText), level: "danger" });
  } else if (!shouldSwap && !xhr.getResponseHeader("HX-Redirect")) {
    showToast({ message: FAILED, level: "danger" });
  }
});
