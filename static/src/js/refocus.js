// [data-refocus="selector, another"]: what had the focus is replaced by its own request. The focus
// goes to where its row was (the same row, else the next one), and without rows to what the first of
// the selectors finds.
const ROW = "[data-rows] [data-row]";
const CAN = ":is(a[href], button:not(:disabled), summary)";
const rows = () => [...document.querySelectorAll(ROW)];

/** @type {Map<Element, {place: number, id: string}>} */
const leaving = new Map();

/** @param {Element | null | undefined} place */
function focusIn(place) {
  if (!(place instanceof HTMLElement)) return;
  const target = place.matches(CAN) ? place : place.querySelector(CAN);
  if (!target) place.tabIndex = -1;
  /** @type {HTMLElement} */ (target ?? place).focus();
}

/** @param {string} selectors */
function found(selectors) {
  for (const selector of selectors.split(", ")) {
    const place = document.querySelector(selector);
    if (place) return place;
  }
  return null;
}

document.addEventListener("htmx:beforeRequest", (event) => {
  const { elt } = /** @type {CustomEvent} */ (event).detail;
  if (!elt.matches?.("[data-refocus]") || !elt.contains(document.activeElement)) return;
  const row = elt.closest(ROW);
  leaving.set(elt, { place: row ? rows().indexOf(row) : -1, id: row?.id ?? "" });
});
document.addEventListener("htmx:afterRequest", (event) => {
  // What asked is off the page by now: the event has another element.
  const { elt } = /** @type {CustomEvent} */ (event).detail.requestConfig;
  const left = leaving.get(elt);
  leaving.delete(elt);
  // Until htmx has settled, what it put there does not act.
  if (left) setTimeout(() => restore(elt, left), window.htmx.config.defaultSettleDelay);
});

/** @param {HTMLElement} elt @param {{place: number, id: string}} left */
function restore(elt, left) {
  // Who went elsewhere meanwhile stays there.
  if (document.activeElement && document.activeElement !== document.body) return;
  const all = rows();
  const row = left.place < 0 ? undefined : (all[left.place] ?? all.at(-1));
  if (row?.id) {
    const first = row.id === left.id ? "[data-refocus]" : "[data-row-link]";
    focusIn(row.querySelector(first) ?? row);
  } else {
    focusIn(row ?? (elt.isConnected ? elt : found(elt.dataset.refocus ?? "")));
  }
}
