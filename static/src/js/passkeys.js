// form[data-passkey="create" | "get"]: asks the browser for a passkey, puts its answer into the
// form's "credential" field, and sends the form.
import { on } from "./lib/dom.js";
import { credentialFor, whyNot } from "./lib/passkey.js";

on("submit", "form[data-passkey]", async (form, event) => {
  event.preventDefault();
  const [told, field] = [form.querySelector("[data-passkey-error]"), form.querySelector("[name=credential]")];
  const button = /** @type {HTMLButtonElement} */ (form.querySelector("[type=submit]"));
  if (!(form instanceof HTMLFormElement && told instanceof HTMLElement && field instanceof HTMLInputElement)) return;
  told.hidden = button.disabled = true;
  try {
    const token = new FormData(form).get("csrfmiddlewaretoken");
    const kind = form.dataset.passkey === "create" ? "create" : "get";
    field.value = JSON.stringify(await credentialFor(kind, form.dataset.passkeyOptions ?? "", String(token)));
    form.submit();
  } catch (error) {
    told.textContent = whyNot(error);
    told.hidden = false;
    delete form.dataset.sent;
  }
  button.disabled = false;
});
