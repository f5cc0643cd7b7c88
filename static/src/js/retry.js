// [data-retry="/readyz"] asks until the service answers, then loads the page again.
const waiting = document.querySelector("[data-retry]");
const EVERY_MS = 3000;

async function ask() {
  try {
    const answer = await fetch(waiting.dataset.retry, { cache: "no-store" });
    if (answer.ok) {
      location.replace(location.href); // a reload could send a form again
      return;
    }
  } catch {
    // still unreachable
  }
  setTimeout(ask, EVERY_MS);
}

if (waiting) setTimeout(ask, EVERY_MS);
