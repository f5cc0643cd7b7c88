// Numbered lines, #L12 or #L12-L20 in the address: marked, scrolled to, and set by clicks.
// [data-keep-hash] links take the address's lines along; [data-line-label] says which they are.
import { on } from "./lib/dom.js";
import { showToast } from "./lib/toast.js";

const RANGE = /^#L(\d{1,6})(?:-L(\d{1,6}))?$/;

/** First and last line of the address. @returns {[number, number] | null} */
function chosen() {
  const found = RANGE.exec(location.hash);
  if (!found) return null;
  const [from, to] = [Number(found[1]), Number(found[2] ?? found[1])];
  return from <= to ? [from, to] : [to, from];
}

/** @param {{ scroll?: boolean }} options */
function show({ scroll = false } = {}) {
  for (const link of document.querySelectorAll("a[data-keep-hash]")) {
    /** @type {HTMLAnchorElement} */ (link).hash = RANGE.test(location.hash) ? location.hash : "";
  }
  const lines = document.querySelector(".code-lines");
  if (!lines) return;
  for (const line of lines.querySelectorAll(".line.is-chosen")) line.classList.remove("is-chosen");
  const range = chosen();
  const last = lines.querySelectorAll(".line").length;
  if (range) {
    for (let at = range[0]; at <= Math.min(range[1], last); at++) {
      document.getElementById(`L${at}`)?.classList.add("is-chosen");
    }
    if (scroll) document.getElementById(`L${range[0]}`)?.scrollIntoView({ block: "center" });
  }
  const label = range && (range[0] === range[1] ? `line ${range[0]}` : `lines ${range[0]}–${range[1]}`);
  for (const each of document.querySelectorAll("[data-line-label]")) each.textContent = label ?? "it";
  for (const each of document.querySelectorAll("[data-copy-address]")) each.toggleAttribute("hidden", !label);
  const input = document.querySelector("[data-line-input]");
  if (input instanceof HTMLInputElement && range) input.value = String(range[0]);
}

/** @param {string} hash */
function go(hash, options = {}) {
  document.getElementById("line-origin")?.replaceChildren(); // it told of another line
  history.replaceState(history.state, "", hash);
  show(options);
}

on("click", ".line-no", (link, event) => {
  const mouse = /** @type {MouseEvent} */ (event);
  if (mouse.ctrlKey || mouse.metaKey) return;
  event.preventDefault();
  const at = Number(link.closest(".line")?.id.slice(1));
  const range = mouse.shiftKey ? chosen() : null;
  go(range ? `#L${Math.min(range[0], at)}-L${Math.max(range[0], at)}` : `#L${at}`);
});
on("submit", "[data-line-bar]", (form, event) => {
  const submitter = /** @type {SubmitEvent} */ (event).submitter;
  if (submitter?.hasAttribute("formaction")) return;
  event.preventDefault();
  const input = form.querySelector("[data-line-input]");
  if (input instanceof HTMLInputElement) go(`#L${input.value}`, { scroll: true });
});
on("click", "[data-copy-address]", async () => {
  try {
    await navigator.clipboard.writeText(location.href);
    showToast({ message: "Link copied", level: "info" });
  } catch {
    showToast({ message: "The browser did not allow copying.", level: "warning" });
  }
});
on("click", "[data-copy-lines]", async (button) => {
  const lines = document.getElementById(button.dataset.copyLines ?? "");
  const text = [...(lines?.querySelectorAll(".line-text") ?? [])].map((line) => line.textContent).join("");
  try {
    await navigator.clipboard.writeText(text);
    showToast({ message: "Copied", level: "info" });
  } catch {
    showToast({ message: "The browser did not allow copying.", level: "warning" });
  }
});
window.addEventListener("hashchange", () => show({ scroll: true }));
document.addEventListener("htmx:afterSettle", () => show());
show({ scroll: true });
