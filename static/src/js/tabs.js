// Tabs that do not fit: the one that is open is in sight.
for (const tabs of document.querySelectorAll(".page-tabs")) {
  const open = /** @type {HTMLElement | null} */ (tabs.querySelector("[aria-current]"));
  if (open) tabs.scrollLeft = open.offsetLeft - (tabs.clientWidth - open.offsetWidth) / 2;
}
