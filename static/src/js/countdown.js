// [data-countdown="2026-01-01T12:00:00+00:00"] shows the time left; at the end the page moves to
// [data-countdown-then], as what it shows is over.
const SECOND_MS = 1000;

/** @param {number} left milliseconds */
function words(left) {
  const minutes = Math.floor(left / 60_000);
  if (minutes >= 1) return `(${minutes} min left)`;
  return `(${Math.max(0, Math.ceil(left / SECOND_MS))} s left)`;
}

function tick() {
  for (const place of document.querySelectorAll("[data-countdown]")) {
    const { countdown, countdownThen } = /** @type {HTMLElement} */ (place).dataset;
    const left = Date.parse(countdown ?? "") - Date.now();
    place.textContent = words(left);
    if (left <= -SECOND_MS && countdownThen) location.assign(countdownThen);
  }
}

if (document.querySelector("[data-countdown]")) {
  tick();
  setInterval(tick, SECOND_MS);
}
