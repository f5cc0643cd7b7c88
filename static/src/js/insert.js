// [data-composer-insert="text"] puts the text where a reply is written.
import { on } from "./lib/dom.js";

on("click", "[data-composer-insert]", (button) => {
  const text = button.dataset.composerInsert ?? "";
  document.dispatchEvent(new CustomEvent("composer:insert", { detail: { text } }));
});
