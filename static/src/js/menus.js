// Menus are native popovers, so Escape, a click elsewhere and the focus are the browser's.
// This puts them beside their button and adds the arrow keys.
const GAP = 4;

/** @param {HTMLElement} menu */
const items = (menu) =>
  [...menu.querySelectorAll(".dropdown-item")].filter((item) => !item.matches(":disabled, .disabled"));

/** @param {HTMLElement} menu */
function place(menu) {
  const button = document.querySelector(`[popovertarget="${CSS.escape(menu.id)}"]`);
  if (!button) return;
  const at = button.getBoundingClientRect();
  const size = menu.getBoundingClientRect();
  const start = menu.hasAttribute("data-menu-end") ? at.right - size.width : at.left;
  const left = Math.max(GAP, Math.min(start, document.documentElement.clientWidth - size.width - GAP));
  const below = at.bottom + GAP;
  const fits = below + size.height <= window.innerHeight || at.top < size.height + GAP;
  menu.style.left = `${left}px`;
  menu.style.top = `${fits ? below : at.top - size.height - GAP}px`;
}

document.addEventListener(
  "toggle",
  (event) => {
    const menu = /** @type {HTMLElement} */ (event.target);
    if (/** @type {ToggleEvent} */ (event).newState === "open" && menu.matches(".dropdown-menu")) {
      place(menu);
    }
  },
  true,
);
/** @returns {HTMLElement | null} */
const openMenu = () => document.querySelector(".dropdown-menu:popover-open");
for (const moved of ["scroll", "resize"]) {
  window.addEventListener(moved, () => {
    const menu = openMenu();
    if (menu) place(menu);
  }, { capture: true, passive: true });
}
document.addEventListener("keydown", (event) => {
  const menu = openMenu();
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!menu || !step) return;
  const all = items(menu);
  const now = all.indexOf(/** @type {HTMLElement} */ (document.activeElement));
  const next = now < 0 && step < 0 ? all.length - 1 : (now + step + all.length) % all.length;
  all[next]?.focus();
  event.preventDefault();
});
document.addEventListener("click", (event) => {
  const item = /** @type {Element} */ (event.target).closest(".dropdown-menu[popover] .dropdown-item");
  if (item && !item.closest("[data-menu-keep]")) item.closest(".dropdown-menu")?.hidePopover();
});
