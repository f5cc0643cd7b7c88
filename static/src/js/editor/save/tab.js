// A name for this browser tab: kept over a reload, never shared by two open tabs.
const KEY = "devora-editor-tab";

function newName() {
  // randomUUID needs a secure page; getRandomValues does not.
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

function stored() {
  try {
    return sessionStorage.getItem(KEY) ?? "";
  } catch {
    return "";
  }
}

/** @param {string} name */
const lockName = (name) => `devora-editor-tab:${name}`;

/** Held as long as the tab lives. @param {string} name @returns {Promise<boolean>} */
function hold(name) {
  if (!navigator.locks) return Promise.resolve(true);
  return new Promise((done) => {
    navigator.locks.request(lockName(name), { ifAvailable: true }, (lock) => {
      done(lock !== null);
      return lock === null ? undefined : new Promise(() => {});
    });
  });
}

async function choose() {
  // A duplicated tab comes with the storage of its twin: the lock tells them apart.
  let name = stored();
  if (!name || !(await hold(name))) {
    name = newName();
    await hold(name);
  }
  try {
    sessionStorage.setItem(KEY, name);
  } catch {
    // storage is blocked: the name holds for this page
  }
  return name;
}

export const tabName = choose();

/** The other tabs of this browser that are open now. @returns {Promise<Set<string>>} */
export async function otherTabs() {
  const own = lockName(await tabName);
  if (!navigator.locks) return new Set();
  const { held = [] } = await navigator.locks.query();
  const names = held.map((lock) => lock.name ?? "").filter((name) => name !== own);
  return new Set(names.filter((name) => name.startsWith(lockName(""))).map((name) => name.slice(lockName("").length)));
}
