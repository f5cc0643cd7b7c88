// Texts put where they are wanted: variables into a form, canned replies into the composer.
import { on } from "./lib/dom.js";

const composer = () => /** @type {HTMLTextAreaElement | null} */ (document.querySelector("#composer-text"));

/** @param {HTMLTextAreaElement} field @param {string} text @param {number} from @param {number} to */
function put(field, text, from, to) {
  field.setRangeText(text, from, to, "end");
  field.focus();
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

// [data-put="{{customer.name}}"] goes to the caret of the field that [data-put-into] names.
on("click", "[data-put]", (button) => {
  const field = document.querySelector(button.dataset.putInto ?? "");
  if (!(field instanceof HTMLTextAreaElement)) return;
  put(field, button.dataset.put ?? "", field.selectionStart, field.selectionEnd);
});

/** What is shown of a canned reply goes into the composer. @param {Element | null} dialog */
function insert(dialog) {
  const shown = dialog?.querySelector("[data-canned-text]");
  if (!(shown instanceof HTMLTextAreaElement)) return;
  if (dialog instanceof HTMLDialogElement) dialog.close();
  document.dispatchEvent(new CustomEvent("composer:insert", { detail: { text: shown.value } }));
}
on("click", "[data-canned-insert]", (button) => insert(button.closest("dialog")));

// In the list of them: the arrows move, Enter puts in what is shown.
document.addEventListener("keydown", (event) => {
  const target = /** @type {Element} */ (event.target);
  const list = target.closest?.("[data-quick-pick]");
  if (!list) return;
  const items = /** @type {HTMLElement[]} */ ([...list.querySelectorAll(".quick-item")]);
  const at = items.indexOf(/** @type {HTMLElement} */ (target));
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step && items.length) {
    event.preventDefault();
    items[(at + step + items.length) % items.length].focus();
  } else if (event.key === "Enter") {
    const shown = list.querySelector("[data-canned-text]");
    const item = at < 0 ? items[0] : items[at];
    if (!item) return;
    event.preventDefault();
    if (shown instanceof HTMLElement && shown.dataset.cannedText === item.dataset.canned) insert(list.closest("dialog"));
    else item.click();
  }
});

// A slash, a word and Tab: the words are asked for once, when the first slash is typed.
/** @type {Promise<Record<string, string>> | null} */
let asking = null;
/** @type {Record<string, string>} */
let words = {};
/** @param {string} url */
const json = async (url) => {
  const answer = await fetch(url, { headers: { Accept: "application/json" } });
  return answer.ok ? answer.json() : {};
};

/** @param {HTMLTextAreaElement} field */
const wordBefore = (field) => field.value.slice(0, field.selectionStart).match(/(?:^|\s)\/([a-z0-9-]+)$/)?.[1] ?? "";

on("input", "#composer-text", (field) => {
  const url = /** @type {HTMLElement | null} */ (document.querySelector("[data-canned-words]"))?.dataset.cannedWords;
  const { value, selectionStart } = /** @type {HTMLTextAreaElement} */ (field);
  if (!url || asking || value[selectionStart - 1] !== "/") return;
  asking = json(url).then((found) => (words = found.words ?? {})).catch(() => (asking = null));
});

document.addEventListener("keydown", async (event) => {
  const field = composer();
  if (event.key !== "Tab" || event.shiftKey || !field || event.target !== field) return;
  const word = wordBefore(field);
  if (!word || !Object.hasOwn(words, word)) return;
  event.preventDefault();
  const { text } = await json(words[word]).catch(() => ({ text: "" }));
  const end = field.selectionStart;
  if (text && wordBefore(field) === word) put(field, text, end - word.length - 1, end);
});
