// One open file: its text, what the server holds of it, and the way from one to the other.
// A change goes to the draft at once, to the server soon, and leaves the draft only when the
// server has confirmed it.
import { monaco } from "../monaco.js";
import { Signal } from "../lib.js";
import { applyText } from "../text/apply.js";
import { plain, shaped } from "../text/endings.js";
import { merge } from "../text/merge.js";
import { Refused, send, SignedOut, Unreachable } from "./api.js";
import { flush, forget, keep } from "./drafts.js";
import { tabName } from "./tab.js";

const QUIET_MS = 2000;
const LONGEST_MS = 10_000;
const RETRY_MS = [1000, 2000, 4000, 8000, 15_000, 30_000];

/**
 * @typedef {"saved" | "unsaved" | "saving" | "offline" | "signed_out" | "conflict" | "gone" |
 *   "refused" | "readonly"} State
 * @typedef {{content: string, revision: number, digest: string}} Held what the server holds
 * @typedef {{theirs: Held, merged: string | null}} Conflict
 */

/** The newest revision anyone here has heard of: a save that names it needs no second try. */
const project = { revision: 0 };

/** @param {number} revision */
function heardOf(revision) {
  project.revision = Math.max(project.revision, revision);
}

/** Also to a lower one: a project may have been put back from a copy. @param {number} revision */
export function setRevision(revision) {
  project.revision = revision;
}

export class OpenDocument {
  /** @type {Signal<OpenDocument>} */
  changed = new Signal();
  /** @type {Signal<string>} */
  noticed = new Signal();
  /** @type {State} */
  state = "saved";
  /** Why the state is what it is, when there is more to say. */
  message = "";
  /** @type {Conflict | null} */
  conflict = null;
  /** Counts what the server confirmed or sent, to drop answers that were overtaken. */
  epoch = 0;
  /** Whether not only the file is gone, but the project it was in. */
  projectGone = false;
  /** While the file is being moved, nothing is sent for it. */
  held = false;
  /** @type {string[]} */
  #sent = [];
  /** @type {Promise<void> | null} */
  #saving = null;
  #again = false;
  #cleanVersion = 0;
  #timer = 0;
  #dirtySince = 0;
  #failures = 0;

  /**
   * @param {import("../boot.js").FileText} file
   * @param {{readOnly: boolean}} how
   */
  constructor(file, { readOnly }) {
    this.path = file.path;
    this.language = file.language;
    this.readOnly = readOnly;
    /** @type {Held} */
    this.base = { content: file.content, revision: file.revision, digest: file.digest };
    heardOf(file.revision);
    this.model = monaco.editor.createModel(plain(file.content), file.language, uriOf(file.path));
    this.model.setEOL(monaco.editor.EndOfLineSequence.LF);
    this.model.updateOptions({ bracketColorizationOptions: { enabled: false, independentColorPoolPerBracketType: false } });
    this.#cleanVersion = this.model.getAlternativeVersionId();
    if (readOnly) this.state = "readonly";
    this.model.onDidChangeContent(() => this.#touched());
  }

  dispose() {
    clearTimeout(this.#timer);
    this.model.dispose();
  }

  /** The file as it would be stored. */
  get content() {
    return shaped(this.model.getValue(monaco.editor.EndOfLinePreference.LF), this.base.content);
  }

  get dirty() {
    return this.model.getAlternativeVersionId() !== this.#cleanVersion;
  }

  get busy() {
    return this.#saving !== null;
  }

  #touched() {
    if (this.readOnly) return;
    this.#keepDraft();
    // These wait for the person: to settle it, or to sign in again.
    if (["conflict", "gone", "signed_out"].includes(this.state)) return;
    this.#dirtySince ||= Date.now();
    if (this.state === "saved" || this.state === "refused") this.#become("unsaved");
    this.#schedule();
  }

  #schedule() {
    const left = this.#dirtySince + LONGEST_MS - Date.now();
    this.#saveIn(Math.max(0, Math.min(QUIET_MS, left)));
  }

  /** @param {number} ms */
  #saveIn(ms) {
    clearTimeout(this.#timer);
    this.#timer = window.setTimeout(() => this.save(), ms);
  }

  #keepDraft() {
    keep(this.path, () => this.draft());
  }

  /** All that is needed to go on from here another time. */
  draft() {
    return {
      path: this.path,
      language: this.language,
      base: this.base.content,
      revision: this.base.revision,
      content: this.content,
      sent: this.#sent,
      theirs: this.conflict?.theirs.content ?? "",
      merged: this.conflict?.merged ?? null,
    };
  }

  /** @param {State} state @param {string} [message] */
  #become(state, message = "") {
    this.state = state;
    this.message = message;
    this.changed.send(this);
  }

  /** Sends what is unsaved; the promise ends when there is nothing more to send for now. */
  save() {
    clearTimeout(this.#timer);
    if (this.#saving) {
      this.#again = true;
      return this.#saving;
    }
    this.#saving = this.#run().finally(() => {
      this.#saving = null;
      this.changed.send(this);
    });
    return this.#saving;
  }

  async #run() {
    do {
      this.#again = false;
      if (!(await this.#step())) return;
    } while (this.#again || this.dirty);
  }

  /** One save. @returns {Promise<boolean>} whether to look again at once */
  async #step() {
    if (this.readOnly || this.held || this.state === "conflict" || this.state === "gone") return false;
    const version = this.model.getAlternativeVersionId();
    const content = this.content;
    if (content === this.base.content) {
      this.#confirmed(this.base, version);
      return false;
    }
    this.#dirtySince = 0;
    this.#become("saving");
    this.#sent.push(content);
    this.#keepDraft();
    await flush();
    try {
      const change = {
        path: this.path,
        content,
        base_content: this.base.content,
        base_revision: Math.max(project.revision, this.base.revision),
        tab: await tabName,
      };
      const asking = (/** @type {boolean} */ waits) => this.#become(waits ? "signed_out" : "saving");
      const saved = await send("save", change, { asking });
      this.#confirmed({ content, revision: saved.revision, digest: saved.digest }, version);
      // Keys pressed meanwhile go with the next save, in their own time.
      if (this.dirty) this.#schedule();
      return this.#again;
    } catch (error) {
      return this.#failed(error);
    }
  }

  /** @param {Held} held @param {number} version */
  #confirmed(held, version) {
    this.base = held;
    this.epoch += 1;
    this.#sent = [];
    this.#failures = 0;
    this.#cleanVersion = version;
    heardOf(held.revision);
    if (this.dirty) {
      this.#dirtySince ||= Date.now();
      this.#keepDraft();
      this.#become("unsaved");
    } else {
      this.#dirtySince = 0;
      clearTimeout(this.#timer);
      forget(this.path);
      this.#become(this.readOnly ? "readonly" : "saved");
    }
  }

  /** @param {unknown} error @returns {boolean} whether to look again at once */
  #failed(error) {
    if (error instanceof Refused && error.status === 409 && error.problem.reason === "changed") {
      const { theirs, revision, digest } = error.problem;
      this.integrate({ content: theirs, revision, digest });
      return this.state !== "conflict" && this.dirty;
    }
    if (error instanceof Unreachable) {
      this.#become("offline", error.message);
      this.#saveIn(RETRY_MS[Math.min(this.#failures++, RETRY_MS.length - 1)]);
      return false;
    }
    if (error instanceof SignedOut) {
      this.#become("signed_out");
      return false;
    }
    if (!(error instanceof Refused)) throw error;
    this.#sent.pop();
    // A file that is gone is a conflict; nothing to be found is no project.
    this.projectGone = error.status === 404;
    const gone = error.problem.reason === "gone" || this.projectGone;
    this.#become(gone ? "gone" : "refused", error.message);
    return false;
  }

  /** Takes up what someone else stored: merged where the lines differ, a conflict where not. @param {Held} theirs */
  integrate(theirs) {
    heardOf(theirs.revision);
    this.epoch += 1;
    const mine = this.content;
    const wasConflict = this.conflict;
    this.conflict = null;
    // Our own save whose answer was lost is no change by someone else.
    if (this.#sent.includes(theirs.content)) this.base = theirs;
    this.#sent = [];
    if (mine === theirs.content) return this.#confirmed(theirs, this.model.getAlternativeVersionId());
    if (theirs.content === this.base.content) {
      this.base = theirs;
      return this.#goOn();
    }
    const merged = merge(this.base.content, mine, theirs.content);
    if (merged.conflicts) {
      const { theirs: before, merged: half = null } = wasConflict ?? {};
      this.conflict = { theirs, merged: before ? carriedOver(half, before.content, theirs.content) : null };
      this.#keepDraft();
      return this.#become("conflict");
    }
    const clean = mine === this.base.content;
    this.#take(theirs, merged.text);
    if (clean) this.#confirmed(theirs, this.model.getAlternativeVersionId());
    else this.#goOn();
    const how = clean ? "was updated with someone else's changes" : "now has your changes and someone else's";
    this.noticed.send(`“${this.path}” ${how}.`);
  }

  /** @param {Held} theirs @param {string} content */
  #take(theirs, content) {
    this.base = theirs;
    applyText(this.model, plain(content));
  }

  #goOn() {
    this.#keepDraft();
    this.#become("unsaved");
    this.#dirtySince ||= Date.now();
    this.#schedule();
  }

  /**
   * A conflict settled by hand. What changed since it was shown is found by the save that follows.
   * @param {string} text with "\n" endings
   * @param {Conflict} conflict as it was shown
   */
  settle(text, conflict) {
    this.conflict = null;
    this.#take(conflict.theirs, text);
    this.epoch += 1;
    this.#become("unsaved");
    this.save();
  }

  /** Keeps half-settled work of the dialog. @param {string} merged @param {Conflict} conflict as it was shown */
  keepMerged(merged, conflict) {
    if (this.conflict) this.conflict.merged = carriedOver(merged, conflict.theirs.content, this.conflict.theirs.content);
    this.#keepDraft();
  }

  /** Goes on from a draft of an earlier page. @param {ReturnType<OpenDocument["draft"]>} draft */
  adopt(draft) {
    const held = this.base;
    if (draft.content === held.content) return false;
    this.#sent = draft.sent ?? [];
    const same = draft.base === held.content;
    this.base = same ? held : { content: draft.base, revision: draft.revision, digest: "" };
    applyText(this.model, plain(draft.content));
    if (!same) this.integrate(held);
    const conflict = /** @type {Conflict | null} */ (this.conflict);
    if (conflict) conflict.merged = carriedOver(draft.merged ?? null, draft.theirs, held.content);
    this.#keepDraft();
    return true;
  }

  /** The file is no more on the server; what is here stays. */
  markGone() {
    if (this.state === "gone") return;
    clearTimeout(this.#timer);
    if (this.dirty) this.#keepDraft();
    this.#become("gone", `“${this.path}” was renamed or deleted by someone else.`);
  }

  /** The file is there again. @param {Held} held @param {string} [ours] what we made it hold ourselves */
  revive(held, ours) {
    if (ours !== undefined) this.#sent.push(ours);
    this.state = "unsaved";
    this.projectGone = false;
    this.integrate(held);
  }

  /** @param {string} path */
  moveTo(path) {
    const was = this.path;
    this.path = path;
    if (this.dirty) {
      this.#keepDraft();
      flush().then(() => forget(was));
    }
    this.held = false;
    if (this.dirty) this.#schedule();
    this.changed.send(this);
  }
}

/**
 * Half-settled work, with what the other side has changed since.
 * @param {string | null} merged
 * @param {string} before
 * @param {string} after
 */
function carriedOver(merged, before, after) {
  return merged === null || before === after ? merged : merge(plain(before), merged, plain(after)).text;
}

let opened = 0;
/** Each time its own, as a file may be opened again. @param {string} path */
const uriOf = (path) => monaco.Uri.from({ scheme: "devora", authority: String((opened += 1)), path: `/${path}` });
