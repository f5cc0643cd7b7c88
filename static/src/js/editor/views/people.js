// Who else is here, and what they changed meanwhile.
import { element } from "../../lib/dom.js";
import { boot } from "../boot.js";
import { nameOf } from "../lib.js";
import { send, token, writes } from "../save/api.js";
import { tabName } from "../save/tab.js";
import { activeDocument, applyProject, documents, open, project, refresh, shown, stored } from "../workspace.js";

const EVERY_MS = 10_000;
const place = /** @type {HTMLElement} */ (document.querySelector("[data-people]"));
/** @typedef {{id: string, name: string, path: string, tab: string}} Person */

let timer = 0;
let drawn = "";

async function beat() {
  clearTimeout(timer);
  const { count, running } = writes;
  try {
    const watched = [...documents.values()].filter((doc) => doc.state !== "gone" && doc.base.digest);
    const answer = await send(
      "presence",
      {
        tab: await tabName,
        path: activeDocument()?.path ?? "",
        token: project.token,
        open: Object.fromEntries(watched.map((doc) => [doc.path, (doc.conflict?.theirs ?? doc.base).digest])),
      },
      { ask: false },
    );
    render(answer.people);
    // What was written here meanwhile may be missing from the answer: the next one has it.
    const fresh = !running && !writes.running && writes.count === count;
    if (fresh && answer.project) applyProject(answer.project);
    if (fresh) for (const path of answer.changed) refresh(path);
    // There is an answer, so the project is there again.
    for (const doc of documents.values()) if (doc.projectGone) refresh(doc.path);
  } catch {
    render([]); // the state beside the title tells when nothing can be saved
  }
  timer = window.setTimeout(beat, EVERY_MS);
}

/** @param {Person[]} people */
function render(people) {
  const key = JSON.stringify(people);
  if (key === drawn) return;
  drawn = key;
  place.replaceChildren(...people.map(faceOf));
  place.hidden = people.length === 0;
}

/** @param {Person} person */
function faceOf(person) {
  const who = person.id === boot.staff.id ? "You, in another tab" : person.name;
  const where = person.path ? `, in ${nameOf(person.path)}` : "";
  const words = person.name.split(/[\s.@_]+/).filter(Boolean);
  const letters = (words.length > 1 ? words[0][0] + words[words.length - 1][0] : (words[0]?.[0] ?? "?")).toUpperCase();
  const face = element("button", { type: "button", class: `avatar avatar-sm hue-${hueOf(person.id)}`, title: who + where, "aria-label": who + where }, letters);
  face.addEventListener("click", () => person.path && open(person.path));
  return element("li", {}, face);
}

/** @param {string} id */
const hueOf = (id) => [...id].reduce((sum, letter) => sum + letter.charCodeAt(0), 0) % 10;

export async function startPeople() {
  const channel = "BroadcastChannel" in window ? new BroadcastChannel(`devora-editor:${project.id}`) : null;
  stored.add((path) => channel?.postMessage(path));
  channel?.addEventListener("message", () => beat());
  shown.add(() => {
    clearTimeout(timer);
    timer = window.setTimeout(beat, 500);
  });
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && beat());
  const tab = await tabName;
  window.addEventListener("pagehide", () => {
    const form = new FormData();
    form.append("tab", tab);
    form.append("csrfmiddlewaretoken", token());
    navigator.sendBeacon(boot.urls.leave, form);
  });
  beat();
}
