// An open issue asks every few seconds what is new, and says that somebody is here.
const EVERY_MS = 4000;
const WRITING_MS = 6000;
const tab = crypto.randomUUID?.() ?? `tab-${Math.random().toString(36).slice(2)}00000000`;
const page = /** @type {HTMLElement | null} */ (document.querySelector("[data-issue-live]"));
let typedAt = 0;

const csrf = () => JSON.parse(document.body.getAttribute("hx-headers") ?? "{}")["X-CSRFToken"];
const isFieldOpen = () => document.activeElement?.matches("#issue-fields :is(input, select)") ?? false;

/** Somebody at work in a field keeps it as it is; what is new comes once they have left it. */
function ask() {
  if (document.visibilityState !== "visible") return;
  const [live, here] = ["[data-live]", "[data-here]"].map((name) => page?.querySelector(name));
  if (live && !isFieldOpen()) window.htmx.trigger(live, "live");
  if (here) window.htmx.trigger(here, "here");
}

document.addEventListener("htmx:configRequest", (event) => {
  const { elt, parameters } = /** @type {CustomEvent} */ (event).detail;
  if (!elt.matches?.("[data-here]")) return;
  parameters.tab = tab;
  parameters.writing = Date.now() - typedAt < WRITING_MS ? "1" : "0";
});
document.addEventListener("input", (event) => {
  if (/** @type {Element} */ (event.target).id === "composer-text") typedAt = Date.now();
});

/** A message counts as seen once it has been in view. @param {IntersectionObserverEntry[]} entries */
function look(entries) {
  const seen = /** @type {HTMLInputElement | null} */ (document.querySelector("#composer input[name=seen]"));
  for (const { isIntersecting, target } of entries) {
    const sequence = Number(/** @type {HTMLElement} */ (target).dataset.sequence);
    if (isIntersecting && document.visibilityState === "visible" && seen && sequence > Number(seen.value)) seen.value = String(sequence);
  }
}

if (page) {
  const observer = new IntersectionObserver(look, { threshold: 0.5 });
  const watch = () => document.querySelectorAll("#thread [data-sequence]").forEach((each) => observer.observe(each));
  document.addEventListener("htmx:oobAfterSwap", watch);
  setInterval(ask, EVERY_MS);
  document.addEventListener("visibilitychange", ask);
  window.addEventListener("pagehide", () => {
    const body = new URLSearchParams({ tab, csrfmiddlewaretoken: csrf() });
    fetch(page.dataset.gone ?? "", { method: "POST", body, keepalive: true }).catch(() => {});
  });
  ask();
}
