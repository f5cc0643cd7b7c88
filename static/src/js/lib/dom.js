/**
 * Call `handle` when the event happens in an element that matches, now or after any swap.
 * @param {string} type
 * @param {string} selector
 * @param {(element: HTMLElement, event: Event) => void} handle
 */
export function on(type, selector, handle) {
  document.addEventListener(type, (event) => {
    const target = event.target instanceof Element ? event.target.closest(selector) : null;
    if (target) handle(/** @type {HTMLElement} */ (target), event);
  });
}

/**
 * An element with attributes and children; text is never read as HTML.
 * @param {string} name
 * @param {Record<string, string>} attributes
 * @param {...(Node | string)} children
 */
export function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

/** Like the template tag: a literal name is found by the build. @param {string} name */
export function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", `${document.documentElement.dataset.icons}#${name}`);
  svg.append(use);
  return svg;
}

/** @param {EventTarget | null} target */
export function isTyping(target) {
  return (
    target instanceof HTMLElement &&
    // Monaco takes text in an element that is none of the usual ones, but says what it is.
    (target.isContentEditable ||
      target.role === "textbox" ||
      /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))
  );
}
