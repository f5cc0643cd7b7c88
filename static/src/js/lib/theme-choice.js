const KEY = "devora-theme";
export const CHOICES = /** @type {const} */ (["light", "dark", "system"]);
const systemDark = window.matchMedia("(prefers-color-scheme: dark)");

/** @typedef {typeof CHOICES[number]} Choice */

/** @returns {Choice} */
export function storedChoice() {
  try {
    const choice = /** @type {Choice} */ (localStorage.getItem(KEY));
    return CHOICES.includes(choice) ? choice : "system";
  } catch {
    return "system"; // storage is blocked
  }
}

/** @param {Choice} choice */
export function storeChoice(choice) {
  try {
    localStorage.setItem(KEY, choice);
  } catch {
    // storage is blocked: the choice holds for this page
  }
}

/** @param {Choice} choice */
export function applyTheme(choice) {
  const dark = choice === "dark" || (choice === "system" && systemDark.matches);
  const root = document.documentElement;
  root.dataset.bsTheme = dark ? "dark" : "light";
  root.dataset.themeChoice = choice;
  document.dispatchEvent(new CustomEvent("devora:theme", { detail: { dark } }));
}

/** Follow the system and the other tabs. */
export function followTheme() {
  systemDark.addEventListener("change", () => applyTheme(storedChoice()));
  window.addEventListener("storage", (event) => {
    if (event.key === KEY) applyTheme(storedChoice());
  });
}
