// Signing in again without leaving the page, so that nothing typed depends on a reload.
import { boot } from "../boot.js";
import { handsOff } from "../lib.js";
import { renewToken, token } from "./api.js";

/** @type {Promise<boolean> | null} */
let asking = null;

/** Asks once, however many requests need it. @param {string} why @returns {Promise<boolean>} */
export function signInAgain(why) {
  asking ??= ask(why).finally(() => (asking = null));
  return asking;
}

/** @param {string} why */
async function ask(why) {
  const dialog = /** @type {HTMLDialogElement} */ (document.getElementById("editor-sign-in"));
  const form = /** @type {HTMLFormElement} */ (dialog.querySelector("form"));
  const told = /** @type {HTMLElement} */ (dialog.querySelector("[data-sign-in-error]"));
  const field = /** @type {HTMLInputElement} */ (form.elements.namedItem("password"));
  /** @type {HTMLElement} */ (dialog.querySelector("[data-sign-in-why]")).textContent = why;
  await handsOff();
  const back = /** @type {HTMLElement | null} */ (document.activeElement);
  told.hidden = true;
  field.value = "";
  dialog.showModal();
  field.focus();
  return new Promise((done) => {
    const finish = (/** @type {boolean} */ signedIn) => {
      form.onsubmit = dialog.onclose = null;
      if (dialog.open) dialog.close();
      back?.focus();
      done(signedIn);
    };
    form.onsubmit = async (event) => {
      event.preventDefault();
      const fault = await signIn(field.value).catch(() => "The server cannot be reached. Try again.");
      if (!fault) return finish(true);
      told.textContent = fault;
      told.hidden = false;
      field.select();
    };
    dialog.onclose = () => finish(false);
  });
}

/** @param {string} password @returns {Promise<string>} what went wrong, or "" */
async function signIn(password) {
  await renewToken();
  const answer = await fetch(boot.urls.login, {
    method: "POST",
    headers: { Accept: "application/json", "X-CSRFToken": token() },
    body: new URLSearchParams({ email: boot.staff.email, password }),
  });
  if (answer.ok) return "";
  const body = await answer.json().catch(() => ({}));
  return body.error?.message ?? "That did not work. Try again.";
}
