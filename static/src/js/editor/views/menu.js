// A menu at the pointer or beside a row; arrow keys and Escape come with the page's menus.
import { element } from "../../lib/dom.js";

/** @typedef {{label: string, icon: Node, run: () => void, danger?: boolean} | null} Entry null: a line */

const menu = element("div", { class: "dropdown-menu", popover: "", id: "editor-menu" });
document.body.append(menu);

/** @param {Entry[]} entries @param {{x: number, y: number}} at */
export function showMenu(entries, at) {
  const back = /** @type {HTMLElement | null} */ (document.activeElement);
  menu.replaceChildren(...entries.map((entry) => line(entry, back)));
  menu.showPopover();
  const size = menu.getBoundingClientRect();
  menu.style.left = `${Math.max(4, Math.min(at.x, window.innerWidth - size.width - 4))}px`;
  menu.style.top = `${Math.max(4, Math.min(at.y, window.innerHeight - size.height - 4))}px`;
  /** @type {HTMLElement | null} */ (menu.querySelector("button"))?.focus();
}

/** @param {Entry} entry @param {HTMLElement | null} back */
function line(entry, back) {
  if (!entry) return element("div", { class: "dropdown-divider" });
  const css = entry.danger ? "dropdown-item is-danger" : "dropdown-item";
  const button = element("button", { type: "button", class: css }, entry.icon, entry.label);
  button.addEventListener("click", () => {
    menu.hidePopover();
    back?.focus();
    entry.run();
  });
  return button;
}
