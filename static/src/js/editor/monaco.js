// Monaco with only the features and languages the editor uses; the rest stays out of the bundle.
import * as monaco from "monaco-editor/editor";
import "./features.js";
import "./languages.js";
import "./json.js";

/** Workers come from static files, as the policy for scripts is 'self'. @param {string} url */
export function useWorker(url) {
  self.MonacoEnvironment = { getWorker: (_id, label) => new Worker(url, { name: label }) };
}

// Marks behind text are faint, so that the text on them stays readable.
const LIGHT = {
  "editor.background": "#ffffff",
  "diffEditor.insertedTextBackground": "#2da04430",
  "diffEditor.removedTextBackground": "#e5484d30",
  "diffEditor.insertedLineBackground": "#2da0441c",
  "diffEditor.removedLineBackground": "#e5484d1c",
  "editor.lineHighlightBackground": "#0000000a",
  "editor.lineHighlightBorder": "#00000000",
  "editor.wordHighlightBackground": "#0000000f",
  "editor.wordHighlightStrongBackground": "#00000014",
  "editor.wordHighlightTextBackground": "#0000000f",
  "editorLineNumber.foreground": "#6b7280",
};
const DARK = {
  "editor.background": "#171a21",
  "editorGutter.background": "#171a21",
  "diffEditor.insertedTextBackground": "#3fb95030",
  "diffEditor.removedTextBackground": "#f8514938",
  "diffEditor.insertedLineBackground": "#3fb9501c",
  "diffEditor.removedLineBackground": "#f8514920",
  "editor.lineHighlightBackground": "#ffffff0a",
  "editor.lineHighlightBorder": "#00000000",
  "editor.wordHighlightBackground": "#ffffff0f",
  "editor.wordHighlightStrongBackground": "#ffffff14",
  "editor.wordHighlightTextBackground": "#ffffff0f",
  "editorLineNumber.foreground": "#858d9b",
};
const LIGHT_RULES = [
  { token: "attribute.name", foreground: "b3261e" },
  { token: "number", foreground: "087a4f" },
];
const DARK_RULES = [
  { token: "comment", foreground: "7aa668" },
  { token: "keyword", foreground: "6fb3ea" },
  { token: "tag", foreground: "6fb3ea" },
];

/** Follow the page's theme, on the page's surfaces. */
export function followTheme() {
  monaco.editor.defineTheme("devora-dark", { base: "vs-dark", inherit: true, rules: DARK_RULES, colors: DARK });
  monaco.editor.defineTheme("devora-light", { base: "vs", inherit: true, rules: LIGHT_RULES, colors: LIGHT });
  const apply = () => monaco.editor.setTheme(`devora-${document.documentElement.dataset.bsTheme}`);
  document.addEventListener("devora:theme", apply);
  apply();
}

export { monaco };
