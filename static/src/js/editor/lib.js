/** A list of listeners. @template T */
export class Signal {
  /** @type {Set<(value: T) => void>} */
  #listeners = new Set();

  /** @param {(value: T) => void} listener */
  add(listener) {
    this.#listeners.add(listener);
  }

  /** @param {T} value */
  send(value) {
    for (const listener of this.#listeners) listener(value);
  }
}

let typedAt = 0;
window.addEventListener("keydown", () => (typedAt = Date.now()), { capture: true, passive: true });

/** Waits until nobody has typed for a moment, so that a dialog takes no key meant for the text. */
export async function handsOff(ms = 1500) {
  for (;;) {
    const wait = typedAt + ms - Date.now();
    if (wait <= 0) return;
    await new Promise((done) => setTimeout(done, wait));
  }
}

/** @param {string} path */
export const nameOf = (path) => path.slice(path.lastIndexOf("/") + 1);
/** @param {string} path */
export const folderOf = (path) => path.slice(0, Math.max(0, path.lastIndexOf("/")));

/** @param {number} count @param {string} one @param {string} [many] */
export const counted = (count, one, many = `${one}s`) =>
  `${count.toLocaleString("en-GB")} ${count === 1 ? one : many}`;

/** @template {(...values: any[]) => void} F @param {F} run @param {number} ms */
export function debounced(run, ms) {
  let timer = 0;
  return (/** @type {Parameters<F>} */ ...values) => {
    clearTimeout(timer);
    timer = window.setTimeout(() => run(...values), ms);
  };
}
