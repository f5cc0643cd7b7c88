// [data-theme-toggle] goes through light, dark and system.
import { applyTheme, CHOICES, followTheme, storeChoice, storedChoice } from "./lib/theme-choice.js";

function label() {
  for (const toggle of document.querySelectorAll("[data-theme-toggle]")) {
    const text = `Theme: ${storedChoice()}`;
    toggle.setAttribute("aria-label", text);
    toggle.setAttribute("title", text);
  }
}

document.addEventListener("click", (event) => {
  if (!(/** @type {Element} */ (event.target).closest("[data-theme-toggle]"))) return;
  const next = CHOICES[(CHOICES.indexOf(storedChoice()) + 1) % CHOICES.length];
  storeChoice(next);
  applyTheme(next);
});
document.addEventListener("devora:theme", label);
followTheme();
label();
