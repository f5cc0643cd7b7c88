// details[data-keep-open] with an id stays as its reader left it when a swap brings it again, and
// what had the focus in it has it still: htmx cannot give it to what is closed.
const OPEN = "details[data-keep-open][open]";

/** @type {Set<string>} */
const open = new Set();
let focused = "";

document.addEventListener("htmx:beforeSwap", (event) => {
  open.clear();
  for (const each of /** @type {Element} */ (event.target).querySelectorAll(OPEN)) open.add(each.id);
  focused = document.activeElement?.closest(OPEN) ? document.activeElement.id : "";
});
document.addEventListener("htmx:afterSwap", () => {
  for (const id of open) document.getElementById(id)?.setAttribute("open", "");
  const place = focused ? document.getElementById(focused) : null;
  if (place && document.activeElement === document.body) place.focus({ preventScroll: true });
});
