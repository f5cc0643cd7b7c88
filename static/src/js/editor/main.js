// <div data-editor data-worker="{% static 'editor.worker.js' %}" data-language="python">text</div>
import { followTheme, monaco, useWorker } from "./monaco.js";

const host = /** @type {HTMLElement | null} */ (document.querySelector("[data-editor]"));
if (host) {
  useWorker(host.dataset.worker ?? "");
  followTheme();
  const text = host.textContent ?? "";
  host.replaceChildren();
  const editor = monaco.editor.create(host, {
    value: text,
    language: host.dataset.language,
    automaticLayout: true,
    readOnly: host.hasAttribute("data-readonly"),
  });
  host.dispatchEvent(new CustomEvent("editor:ready", { bubbles: true, detail: { editor, monaco } }));
}
