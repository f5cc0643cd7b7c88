// [data-live="/support/fresh/?…"][data-since]: asks every few seconds, while the tab is looked at,
// whether the list of that address holds anything new, and says so in a line. Rows change only when
// [data-live-show] is clicked: what is ticked, typed and scrolled to stays.
import { on } from "./lib/dom.js";

const EVERY_MS = 4000;
let busy = false;

const line = () => /** @type {HTMLElement | null} */ (document.querySelector("[data-live]"));
const rows = () => /** @type {HTMLElement[]} */ ([...document.querySelectorAll("#listing tr[data-number]")]);

/** @param {HTMLElement} live */
function question(live) {
  const since = Number(live.dataset.since);
  const url = new URL(live.dataset.live ?? "", location.href);
  url.searchParams.set("since", String(since));
  url.searchParams.set("rows", rows().map((row) => row.dataset.number).join(","));
  // The server looks a little further back than `since`: what is here already is none of the news.
  const seen = rows().filter((row) => Number(row.dataset.updated) > since - 60_000);
  url.searchParams.set("seen", seen.map((row) => `${row.dataset.number}:${row.dataset.updated}`).join(","));
  return url;
}

async function ask() {
  const live = line();
  if (!live || busy || document.hidden) return;
  busy = true;
  try {
    const answer = await fetch(question(live), { headers: { "X-Background": "1", "HX-Request": "true" } });
    if (!live.isConnected) return;
    if (answer.status === 204) live.replaceChildren();
    if (answer.status !== 200 || answer.redirected) return;
    const news = new DOMParser().parseFromString(await answer.text(), "text/html").body;
    if (news.textContent === live.textContent || !news.querySelector("[data-live-show]")) return;
    live.replaceChildren(...news.childNodes);
    window.htmx.trigger(document.body, "inbox:counts");
  } catch {
    // The next one may get through; whoever acts is told by that.
  } finally {
    busy = false;
  }
}

/** Everything but the filters, in which somebody may be typing. @param {Element} listing @param {Element} fresh */
function exchange(listing, fresh) {
  const filters = listing.querySelector(":scope > .list-filters");
  if (!filters) return;
  for (const each of [...listing.children]) if (each !== filters) each.remove();
  let isBefore = true;
  for (const each of [...fresh.children]) {
    if (each.matches(".list-filters")) isBefore = false;
    else if (isBefore) filters.before(each);
    else listing.append(each);
  }
  window.htmx.process(/** @type {HTMLElement} */ (listing));
}

/** @param {string} href */
async function show(href) {
  const listing = document.querySelector("#listing");
  const answer = await fetch(href, { headers: { "HX-Request": "true" } });
  const parsed = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = parsed.querySelector("#listing");
  if (!listing?.isConnected || !fresh || answer.status !== 200) return location.assign(href);
  const ticked = new Set([...listing.querySelectorAll("[data-select-row]:checked")].map((box) => /** @type {HTMLInputElement} */ (box).value));
  const isMatching = /** @type {HTMLInputElement | null} */ (listing.querySelector("[data-select-scope]"))?.value === "matching";
  const current = listing.querySelector("tr.is-current")?.getAttribute("data-number");
  const { scrollX, scrollY } = window;
  exchange(listing, fresh);
  for (const box of /** @type {NodeListOf<HTMLInputElement>} */ (listing.querySelectorAll("[data-select-row]"))) {
    box.checked = ticked.has(box.value);
  }
  if (current) listing.querySelector(`tr[data-number="${CSS.escape(current)}"]`)?.classList.add("is-current");
  window.scrollTo(scrollX, scrollY);
  const first = listing.querySelector("[data-select-row]");
  first?.dispatchEvent(new Event("change", { bubbles: true }));
  if (isMatching) listing.querySelector("[data-select-matching]")?.dispatchEvent(new Event("click", { bubbles: true }));
}

on("click", "[data-live-show]", (_link, event) => {
  event.preventDefault();
  // The page of the list one is on, in the view it was shown in, whatever one begins with by now.
  const href = new URL(location.href);
  const view = new URL(line()?.dataset.live ?? "", location.href).searchParams.get("view");
  if (view) href.searchParams.set("view", view);
  void show(href.href);
});
document.addEventListener("visibilitychange", () => void ask());
setInterval(() => void ask(), EVERY_MS);
