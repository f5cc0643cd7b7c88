// Clocks of promises count on while a page stays open. [data-clock] counts business hours: it says
// how much is left ([data-left], in seconds) at [data-at], and when hours are open from then on
// ([data-spans]). [data-due] says how far a moment is. Both go by the server's time of [data-at]
// and by what has gone by here since, whatever the clock of this machine says.
// The words are those of devora_admin/support/sla/words.py.
const MINUTE_S = 60;
const HOUR_S = 3600;
const DAY_S = 86_400;
const SOON_S = HOUR_S;
const EVERY_MS = 1000;

/** When each element was first seen. @type {WeakMap<Element, number>} */
const seen = new WeakMap();

/** @param {Element} place seconds since it was made */
function gone(place) {
  const first = seen.get(place) ?? Date.now();
  seen.set(place, first);
  return (Date.now() - first) / 1000;
}

/** @param {number} seconds */
export function length(seconds) {
  const minutes = Math.floor(Math.abs(seconds) / MINUTE_S);
  if (minutes < 1) return "under a minute";
  const hours = Math.floor(minutes / 60);
  const rest = minutes % 60;
  if (!hours) return `${rest} min`;
  return rest ? `${hours} h ${rest} min` : `${hours} h`;
}

/** @param {number} seconds */
function distance(seconds) {
  const size = Math.abs(seconds);
  let shown = length(size);
  if (size >= 2 * DAY_S) shown = `${Math.floor(size / DAY_S)} days`;
  else if (size >= 10 * HOUR_S) shown = `${Math.floor(size / HOUR_S)} h`;
  return seconds >= 0 ? `in ${shown}` : `${shown} ago`;
}

/** @param {string} spans "0.000-3600.000 90000.000-…" @param {number} seconds since they were made */
function counted(spans, seconds) {
  let sum = 0;
  for (const span of spans.split(" ")) {
    const [start, end] = span.split("-").map(Number);
    if (end > 0) sum += Math.max(0, Math.min(end, seconds) - start);
  }
  return sum;
}

/** Only what changed is written, so that nobody's selection is lost. @param {Element} place @param {string} text */
function say(place, text) {
  if (place.textContent !== text) place.textContent = text;
}

/** @param {HTMLElement} line @param {number} since @param {number} business */
function drawLine(line, since, business) {
  const left = Number(line.dataset.left) - business;
  const place = line.querySelector("[data-clock-left]");
  if (place) say(place, `${length(left)} ${left >= 0 ? "left" : "over"}`);
  const warn = line.dataset.warnS;
  if (left < 0) line.dataset.tone = "breached";
  else if (warn !== undefined && since >= Number(warn)) line.dataset.tone = "soon";
}

function tick() {
  for (const clock of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-clock]"))) {
    const since = gone(clock);
    const business = counted(clock.dataset.spans ?? "", since);
    for (const line of clock.querySelectorAll("[data-running]")) {
      drawLine(/** @type {HTMLElement} */ (line), since, business);
    }
  }
  for (const time of /** @type {NodeListOf<HTMLTimeElement>} */ (document.querySelectorAll("time[data-due]"))) {
    const left = (Date.parse(time.dateTime) - Date.parse(time.dataset.at ?? "")) / 1000 - gone(time);
    say(time, distance(left));
    const due = /** @type {HTMLElement | null} */ (time.closest(".due"));
    if (due) due.dataset.tone = left < 0 ? "breached" : left <= SOON_S ? "soon" : "ok";
  }
}

tick();
setInterval(tick, EVERY_MS);
document.addEventListener("htmx:afterSettle", tick);
