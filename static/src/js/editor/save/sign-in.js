// Signing in again without leaving the page, so that nothing typed depends on a reload: the
// password, then the second step of whoever has one.
import { boot } from "../boot.js";
import { handsOff } from "../lib.js";
import { credentialFor, whyNot } from "../../lib/passkey.js";
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
  const password = /** @type {HTMLInputElement} */ (form.elements.namedItem("password"));
  const code = /** @type {HTMLInputElement} */ (form.elements.namedItem("code"));
  /** The address of the second step, once the password was right. */
  let verify = "";
  let passkey = "";
  const withPasskey = /** @type {HTMLButtonElement} */ (form.querySelector("[data-sign-in-passkey]"));
  const turnTo = (/** @type {string} */ url, other = "") => {
    verify = url;
    passkey = other;
    withPasskey.hidden = !passkey;
    for (const part of /** @type {NodeListOf<HTMLElement>} */ (form.querySelectorAll("[data-sign-in-step]"))) {
      const shown = part.dataset.signInStep === (verify ? "second" : "first");
      part.hidden = !shown;
      for (const field of part.querySelectorAll("input")) field.disabled = !shown;
    }
    const field = verify ? code : password;
    field.value = "";
    field.focus();
  };
  /** @type {HTMLElement} */ (dialog.querySelector("[data-sign-in-why]")).textContent = why;
  await handsOff();
  const back = /** @type {HTMLElement | null} */ (document.activeElement);
  told.hidden = true;
  dialog.showModal();
  turnTo("");
  return new Promise((done) => {
    const finish = (/** @type {boolean} */ signedIn) => {
      form.onsubmit = withPasskey.onclick = dialog.onclose = null;
      if (dialog.open) dialog.close();
      back?.focus();
      done(signedIn);
    };
    const take = async (/** @type {Promise<Answer>} */ step) => {
      told.hidden = true;
      const answer = await step.catch(() => ({ fault: "The server cannot be reached. Try again." }));
      if (answer.fault) {
        told.textContent = answer.fault;
        told.hidden = false;
        // Ten minutes after the password the second step is over.
        if (answer.over) turnTo("");
        else (verify ? code : password).select();
      } else if (answer.verify) turnTo(answer.verify, answer.passkey);
      else finish(true);
    };
    form.onsubmit = (event) => {
      event.preventDefault();
      take(verify ? post(verify, { code: code.value }) : signIn(password.value));
    };
    withPasskey.onclick = () => take(usePasskey(passkey));
    dialog.onclose = () => finish(false);
  });
}

/** @typedef {{fault?: string, over?: boolean, verify?: string, passkey?: string}} Answer */

/** @param {string} password */
async function signIn(password) {
  await renewToken();
  return post(boot.urls.login, { email: boot.staff.email, password });
}

/** @param {string} url @returns {Promise<Answer>} */
async function usePasskey(url) {
  try {
    const credential = await credentialFor("get", `${url}options/?step=second`, token());
    return await post(`${url}?step=second`, { credential: JSON.stringify(credential) });
  } catch (error) {
    return { fault: whyNot(error) };
  }
}

/** @param {string} url @param {Record<string, string>} values @returns {Promise<Answer>} */
async function post(url, values) {
  const answer = await fetch(url, {
    method: "POST",
    headers: { Accept: "application/json", "X-CSRFToken": token() },
    body: new URLSearchParams(values),
  });
  const body = await answer.json().catch(() => ({}));
  if (answer.ok) return { verify: body.verify, passkey: body.passkey };
  return { fault: body.error?.message ?? "That did not work. Try again.", over: body.error?.code === "start_again" };
}
