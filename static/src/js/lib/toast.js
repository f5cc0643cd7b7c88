import { element, icon } from "./dom.js";

const MOST_AT_ONCE = 2;
const ICONS = {
  success: () => icon("check-circle"),
  info: () => icon("info-circle"),
  warning: () => icon("exclamation-triangle"),
  danger: () => icon("exclamation-octagon"),
};

/**
 * @param {{message: string, level?: keyof typeof ICONS, undo?: string | null,
 *   action?: {label: string, run: () => void}}} toast
 * undo: a POST address that takes the action back. action: a button of the calling script.
 */
export function showToast({ message, level = "success", undo = null, action }) {
  const region = document.getElementById("toasts");
  if (!region || !message) return;
  for (const shown of region.querySelectorAll(".toast-item")) {
    if (shown.querySelector(".toast-text")?.textContent === message) shown.remove();
  }
  const item = element("div", { class: `toast-item toast-${level}` });
  if (level === "danger") item.setAttribute("role", "alert");
  if (level === "danger" || action) item.dataset.keep = ""; // a question waits for its answer
  item.append(ICONS[level]?.() ?? ICONS.info(), element("span", { class: "toast-text" }, message));
  if (undo) {
    const button = { type: "button", class: "btn btn-sm", "data-toast-undo": undo };
    item.append(element("button", button, "Undo"));
  }
  if (action) {
    const button = element("button", { type: "button", class: "btn btn-sm", "data-toast-action": "" }, action.label);
    button.addEventListener("click", () => {
      item.remove();
      action.run();
    });
    item.append(button);
  }
  const close = { type: "button", class: "toast-close", "data-toast-close": "", "aria-label": "Close" };
  item.append(element("button", close, icon("x-lg")));
  region.append(item);
  const passing = [...region.querySelectorAll(".toast-item:not([data-keep])")];
  for (const old of passing.slice(0, -MOST_AT_ONCE)) old.remove();
}
