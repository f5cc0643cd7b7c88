// Monaco with only the features and languages the editor uses; the rest stays out of the bundle.
import * as monaco from "monaco-editor/editor";
import "./features.js";
import "./languages.js";
import "./json.js";

/** Workers come from static files, as the policy for scripts is 'self'. @param {string} url */
export function useWorker(url) {
  self.MonacoEnvironment = { getWorker: (_id, label) => new Worker(url, { name: label }) };
}

/** Follow the page's theme, on the page's surfaces. */
export function followTheme() {
  const dark = { "editor.background": "#171a21", "editorGutter.background": "#171a21" };
  monaco.editor.defineTheme("devora-dark", { base: "vs-dark", inherit: true, rules: [], colors: dark });
  monaco.editor.defineTheme("devora-light", { base: "vs", inherit: true, rules: [], colors: {} });
  const apply = () => monaco.editor.setTheme(`devora-${document.documentElement.dataset.bsTheme}`);
  document.addEventListener("devora:theme", apply);
  apply();
}

export { monaco };
