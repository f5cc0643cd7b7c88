// A field in the tree for a new name; what is wrong with the name is said under it.
import { element } from "../../lib/dom.js";
import { reasonOf } from "../changes.js";

/**
 * @param {HTMLElement} tree
 * @param {HTMLElement | undefined} beside the row it stands under, or in place of
 * @param {{label: string, value: string, replace?: boolean, commit: (name: string) => Promise<void>}} what
 */
export function askName(tree, beside, { label, value, replace = false, commit }) {
  tree.parentElement?.querySelector("[data-name-field]")?.remove();
  const input = /** @type {HTMLInputElement} */ (
    element("input", { class: "form-control", "aria-label": label, "aria-describedby": "name-fault", spellcheck: "false", autocomplete: "off", maxlength: "512" })
  );
  const fault = element("div", { id: "name-fault", class: "tree-fault", role: "alert" });
  const field = element("div", { class: "tree-field", "data-name-field": "" }, input, fault);
  field.style.setProperty("--level", String(Number(beside?.getAttribute("aria-level") ?? 0) + (replace ? 0 : 1)));
  input.value = value;
  if (!beside) tree.before(field);
  else place(tree, beside, field, replace);
  const dot = value.lastIndexOf(".");
  input.focus();
  input.setSelectionRange(value.lastIndexOf("/") + 1, dot > value.lastIndexOf("/") + 1 ? dot : value.length);

  let done = false;
  const finish = () => {
    done = true;
    if (beside) beside.classList.remove("has-field-below");
    field.remove();
  };
  const accept = async () => {
    if (done) return;
    const name = input.value.trim();
    if (!name || name === value) return cancel();
    done = true;
    input.readOnly = true;
    try {
      await commit(name);
      finish();
    } catch (error) {
      done = false;
      input.readOnly = false;
      fault.textContent = reasonOf(error);
      input.setAttribute("aria-invalid", "true");
      input.focus();
    }
  };
  const cancel = () => {
    finish();
    (beside?.isConnected ? beside : /** @type {HTMLElement | null} */ (tree.querySelector("[tabindex='0']")))?.focus();
  };
  input.addEventListener("keydown", (event) => {
    if (event.key === "Enter") accept();
    else if (event.key === "Escape") cancel();
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  input.addEventListener("blur", () => !done && !fault.textContent && accept());
}

/** A tree holds only its rows, so the field lies over a gap made for it. */
function place(/** @type {HTMLElement} */ tree, /** @type {HTMLElement} */ beside, /** @type {HTMLElement} */ field, /** @type {boolean} */ replace) {
  const area = /** @type {HTMLElement} */ (tree.parentElement);
  beside.classList.toggle("has-field-below", !replace);
  const top = beside.offsetTop + (replace ? 0 : beside.offsetHeight);
  field.classList.add("is-over");
  field.style.top = `${top}px`;
  area.append(field);
}
