// Files are kept as soon as they are chosen, dropped or pasted; each is a chip that goes with the form.
import { element, icon, on } from "./lib/dom.js";

const csrf = () => JSON.parse(document.body.getAttribute("hx-headers") ?? "{}")["X-CSRFToken"];
const changed = () => document.dispatchEvent(new CustomEvent("composer:changed"));

/** @param {Element | null | undefined} within */
const placeIn = (within) => /** @type {HTMLElement | null} */ (within?.closest("form")?.querySelector("[data-attach]") ?? null);

/** @param {string} message */
function refused(message) {
  const close = element("button", { type: "button", class: "btn-icon btn-icon-sm", "data-chip-close": "", "aria-label": "Close" }, icon("x-lg"));
  return element("li", { class: "file-chip is-bad", role: "alert" }, element("span", {}, message), close);
}

/** @param {string} html */
function chipIn(html) {
  const chip = new DOMParser().parseFromString(html, "text/html").querySelector("li.file-chip");
  return chip ? document.importNode(chip, true) : null;
}

/** @param {HTMLElement} place @param {Iterable<File>} files */
async function attach(place, files) {
  for (const old of place.querySelectorAll(".file-chip.is-bad")) old.remove(); // it was about other files
  for (const file of files) {
    const chip = element("li", { class: "file-chip is-waiting" }, element("span", {}, file.name), element("small", {}, "Uploading"));
    place.querySelector("[data-chips]")?.append(chip);
    const body = new FormData();
    body.append("file", file);
    const answer = await fetch(place.dataset.attach ?? "", { method: "POST", body, headers: { "X-CSRFToken": csrf() } }).catch(() => null);
    const kept = answer ? chipIn(await answer.text()) : null;
    chip.replaceWith(kept ?? refused(`“${file.name}” could not be uploaded. Try again.`));
    if (answer?.ok && kept) changed();
  }
}

on("change", "[data-attach] input[type=file]", (field) => {
  const input = /** @type {HTMLInputElement} */ (field);
  const place = placeIn(input);
  if (!place || !input.files) return;
  const files = [...input.files];
  input.value = ""; // they go by themselves, and not once more with the form
  attach(place, files);
});
on("click", "[data-chip-close]", (button) => button.closest(".file-chip")?.remove());
on("click", "[data-chip-remove]", (button) => {
  fetch(button.dataset.chipRemove ?? "", { method: "POST", headers: { "X-CSRFToken": csrf() } }).catch(() => {});
  button.closest(".file-chip")?.remove();
  changed();
});
on("paste", "form:has([data-attach]) textarea", (field, event) => {
  const files = /** @type {ClipboardEvent} */ (event).clipboardData?.files;
  const place = placeIn(field);
  if (!files?.length || !place) return;
  event.preventDefault();
  attach(place, [...files]);
});
on("dragover", "form:has([data-attach])", (form, event) => {
  if (![.../** @type {DragEvent} */ (event).dataTransfer?.types ?? []].includes("Files")) return;
  event.preventDefault();
  form.classList.add("is-over");
});
on("dragleave", "form.is-over", (form, event) => {
  if (!form.contains(/** @type {Node | null} */ (/** @type {DragEvent} */ (event).relatedTarget))) form.classList.remove("is-over");
});
on("drop", "form:has([data-attach])", (form, event) => {
  const files = /** @type {DragEvent} */ (event).dataTransfer?.files;
  form.classList.remove("is-over");
  const place = /** @type {HTMLElement | null} */ (form.querySelector("[data-attach]"));
  if (!files?.length || !place) return;
  event.preventDefault();
  attach(place, [...files]);
});
