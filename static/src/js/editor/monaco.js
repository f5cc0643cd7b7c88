// Monaco with only the features and languages the editor uses; the rest stays out of the bundle.
import * as monaco from "monaco-editor/editor";
import "./features.js";
import "./languages.js";

/** Workers come from static files, as the policy for scripts is 'self'. @param {string} url */
export function useWorker(url) {
  self.MonacoEnvironment = { getWorker: (_id, label) => new Worker(url, { name: label }) };
}

/** Follow the page's theme. */
export function followTheme() {
  const apply = () => {
    monaco.editor.setTheme(document.documentElement.dataset.bsTheme === "dark" ? "vs-dark" : "vs");
  };
  document.addEventListener("devora:theme", apply);
  apply();
}

export { monaco };
