// The Monaco editor in the middle: one instance, a model per file.
import { monaco } from "./monaco.js";
import { Signal } from "./lib.js";
import { shown } from "./workspace.js";

/** @type {Map<import("./save/document.js").OpenDocument, any>} where each file was left */
const places = new Map();

/** @type {import("monaco-editor/editor").editor.IStandaloneCodeEditor} */
export let editor;
export const cursorMoved = new Signal();

/** @param {HTMLElement} host */
export function createEditor(host) {
  editor = monaco.editor.create(host, {
    model: null,
    automaticLayout: true,
    ariaLabel: "File content",
    fontSize: 13,
    lineHeight: 20,
    fontFamily: "ui-monospace, SFMono-Regular, Menlo, Consolas, 'Liberation Mono', monospace",
    minimap: { enabled: false },
    scrollBeyondLastLine: false,
    smoothScrolling: false,
    padding: { top: 10, bottom: 10 },
    renderLineHighlight: "all",
    renderWhitespace: "selection",
    // It would ask to take them out; the file keeps them.
    unusualLineTerminators: "off",
    unicodeHighlight: { ambiguousCharacters: false },
    guides: { indentation: true },
    stickyScroll: { enabled: false },
    wordWrap: host.clientWidth < 600 ? "on" : "off",
    wordBasedSuggestions: "currentDocument",
    fixedOverflowWidgets: true,
    scrollbar: { verticalScrollbarSize: 10, horizontalScrollbarSize: 10, useShadows: false },
    overviewRulerBorder: false,
    readOnlyMessage: { value: "You can read this file, not change it." },
  });
  editor.onDidChangeCursorPosition(() => cursorMoved.send(undefined));
  // Keys typed into the text are no shortcuts of the page.
  host.addEventListener("keydown", (event) => event.stopPropagation());
  /** @type {import("./save/document.js").OpenDocument | null} */
  let current = null;
  shown.add(({ doc, focus, select }) => {
    if (current && current !== doc) places.set(current, editor.saveViewState());
    host.toggleAttribute("hidden", !doc);
    if (current !== doc) {
      editor.setModel(doc?.model ?? null);
      if (doc) editor.restoreViewState(places.get(doc) ?? null);
    }
    current = doc;
    if (!doc) return;
    editor.updateOptions({ readOnly: doc.readOnly, ariaLabel: `Content of ${doc.path}` });
    if (select) selectIn(select);
    if (focus) editor.focus();
    cursorMoved.send(undefined);
  });
  // Leaving the field is a good moment to save.
  editor.onDidBlurEditorWidget(() => void current?.save());
  return editor;
}

/** @param {import("./workspace.js").Selection} place */
function selectIn({ line, column, length }) {
  const range = new monaco.Range(line, column, line, column + length);
  editor.setSelection(range);
  editor.revealRangeInCenterIfOutsideViewport(range);
}
