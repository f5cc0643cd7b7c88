import { element, icon } from "./dom.js";

const ICONS = {
  success: () => icon("check-circle"),
  info: () => icon("info-circle"),
  warning: () => icon("exclamation-triangle"),
  error: () => icon("exclamation-octagon"),
};

/**
 * @param {{message: string, level?: keyof typeof ICONS, undo_url?: string | null}} toast
 */
export function showToast({ message, level = "success", undo_url = null }) {
  const region = document.getElementById("toasts");
  if (!region || !message) return;
  for (const shown of region.querySelectorAll(".toast-item")) {
    if (shown.querySelector(".toast-text")?.textContent === message) shown.remove();
  }
  const item = element("div", { class: `toast-item toast-${level}` });
  if (level === "error") item.setAttribute("role", "alert");
  if (level === "error" || undo_url) item.dataset.keep = "";
  item.append(ICONS[level]?.() ?? ICONS.info(), element("span", { class: "toast-text" }, message));
  if (undo_url) {
    const undo = { type: "button", class: "btn btn-sm", "data-toast-undo": undo_url };
    item.append(element("button", undo, "Undo"));
  }
  const close = { type: "button", class: "toast-close", "data-toast-close": "", "aria-label": "Close" };
  item.append(element("button", close, icon("x-lg")));
  region.append(item);
}
