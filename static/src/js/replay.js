// The replay: the thread marks the turn that is shown beside it, without being sent again.
const bar = () => /** @type {HTMLElement | null} */ (document.querySelector("[data-replay-turn]"));

function mark() {
  const turn = bar()?.dataset.replayTurn;
  const pane = document.querySelector(".replay-pane");
  if (!turn || !pane) return;
  for (const row of pane.querySelectorAll("[data-replay]")) {
    const isShown = row.getAttribute("data-replay") === turn;
    row.classList.toggle("is-shown", isShown);
    row.querySelector(".turn")?.classList.remove("is-aim");
    if (!isShown) continue;
    // Only the thread scrolls, and only as far as it must.
    const [box, frame] = [row.getBoundingClientRect(), pane.getBoundingClientRect()];
    const bottom = Math.min(frame.bottom, window.innerHeight);
    if (box.top < frame.top || box.bottom > bottom) pane.scrollTop += box.top - frame.top - 8;
  }
}

document.addEventListener("htmx:afterSettle", (event) => {
  const side = /** @type {Element} */ (event.target);
  if (!bar()) return;
  if (side.id === "replay-side") side.scrollTop = 0;
  mark();
});
mark();
