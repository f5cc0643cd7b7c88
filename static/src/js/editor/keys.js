// Keys that work anywhere in the editor. Only ones a browser leaves to the page.
import { editor } from "./editor.js";
import { activeDocument, close, saveAll } from "./workspace.js";
import { openFinder } from "./views/finder.js";
import { showPanel, togglePanel } from "./views/panels.js";
import { nextTab } from "./views/tabs.js";
import { newFile } from "./views/tree.js";

const mac = /Mac|iPhone|iPad/.test(navigator.platform);

/** @type {Record<string, () => void>} */
const KEYS = {
  "mod+p": openFinder,
  "mod+s": () => void saveAll(),
  "mod+b": togglePanel,
  "mod+shift+f": () => showPanel("search", { focus: true, text: selected() }),
  "mod+shift+e": () => showPanel("files", { focus: true }),
  "alt+w": () => close(activeDocument()?.path ?? ""),
  "alt+n": () => newFile(),
  "alt+pageup": () => nextTab(-1),
  "alt+pagedown": () => nextTab(1),
  f6: nextRegion,
};

function selected() {
  const range = editor.getSelection();
  const model = editor.getModel();
  if (!editor.hasTextFocus() || !range || !model || range.startLineNumber !== range.endLineNumber) return "";
  return model.getValueInRange(range);
}

/** The side, the tabs, the text: round and round. */
function nextRegion() {
  const stops = ["[data-side]", "[data-tabs]", "[data-monaco]"].map((selector) => /** @type {HTMLElement | null} */ (document.querySelector(selector)));
  const at = stops.findIndex((stop) => stop?.contains(document.activeElement));
  for (let step = 1; step <= stops.length; step += 1) {
    const stop = stops[(at + step) % stops.length];
    if (!stop || stop.hidden || !stop.offsetParent) continue;
    if (stop.matches("[data-monaco]")) return editor.focus();
    const first = /** @type {HTMLElement | null} */ (stop.querySelector("[tabindex='0'], [aria-current], input, button"));
    if (first) return first.focus();
  }
}

/** @param {KeyboardEvent} event */
function nameOfKey(event) {
  const mod = mac ? event.metaKey : event.ctrlKey;
  const code = event.code.startsWith("Key") ? event.code.slice(3) : event.key;
  const key = (event.altKey || mod ? code : event.key).toLowerCase();
  return [mod && "mod", event.altKey && "alt", event.shiftKey && "shift", key].filter(Boolean).join("+");
}

export function startKeys() {
  window.addEventListener(
    "keydown",
    (event) => {
      const run = KEYS[nameOfKey(event)];
      if (!run) return;
      event.preventDefault();
      if (document.querySelector("dialog[open]")) return;
      event.stopPropagation();
      run();
    },
    { capture: true },
  );
}
