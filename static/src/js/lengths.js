// [data-most="800"]: what is too long is told before it is sent. A field that cut off what is pasted would ask for less.
import { on } from "./lib/dom.js";

/** @param {HTMLElement} field */
function check(field) {
  const input = /** @type {HTMLInputElement} */ (field);
  const isTooLong = input.value.length > Number(input.dataset.most);
  input.setCustomValidity(isTooLong ? `Too long: at most ${input.dataset.most} characters` : "");
}
on("input", "[data-most]", check);
// One that came with the page; a button of the form tells then why nothing is sent.
on("click", "form:has([data-most]) [type=submit]", (button) => {
  const fields = /** @type {HTMLButtonElement} */ (button).form?.querySelectorAll("[data-most]") ?? [];
  for (const field of fields) check(/** @type {HTMLElement} */ (field));
});
