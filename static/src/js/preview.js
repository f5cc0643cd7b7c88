// The look into a file beside the tree: marks its row, and comes into view where it lies below.
document.addEventListener("htmx:afterSettle", (event) => {
  const preview = /** @type {Element} */ (event.target);
  if (preview.id !== "preview") return;
  const path = /** @type {CustomEvent} */ (event).detail.requestConfig?.elt;
  for (const row of document.querySelectorAll(".tree-file[aria-current]")) row.removeAttribute("aria-current");
  path?.setAttribute?.("aria-current", "true");
  const { top } = preview.getBoundingClientRect();
  if (top < 0 || top > window.innerHeight * 0.6) preview.scrollIntoView({ block: "start" });
});
