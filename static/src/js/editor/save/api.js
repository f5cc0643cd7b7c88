// Requests of the editor. An ended session is renewed in place and the request sent again.
import { boot } from "../boot.js";
import { signInAgain } from "./sign-in.js";

const PATIENCE_MS = 15_000;
const PER_MEGABYTE_MS = 10_000;

/** The server's answer: no, and why. */
export class Refused extends Error {
  /** @param {number} status @param {{code?: string, message?: string, [more: string]: any}} problem */
  constructor(status, problem) {
    super(problem.message ?? "The server refused this.");
    this.status = status;
    this.code = problem.code ?? "";
    this.problem = problem;
  }
}

/** No answer, or one that says to come again. */
export class Unreachable extends Error {}

/** The session has ended and nobody signed in again. */
export class SignedOut extends Error {}

/** Writes begun and ended: what was read across one may be out of date. */
export const writes = { count: 0, running: 0 };

/**
 * @param {string} name
 * @param {Record<string, string>} [query]
 * @param {{asked?: boolean}} [how] asked: by the person; what the page reads by itself keeps no
 *   session alive
 */
export function read(name, query, { asked = true } = {}) {
  const search = query ? `?${new URLSearchParams(query)}` : "";
  return request(boot.urls[name] + search, asked ? {} : { headers: { "X-Background": "1" } }, false);
}

/**
 * @param {string} name
 * @param {object} body
 * @param {{ask?: boolean, asking?: (waits: boolean) => void}} [how] ask: whether to ask the person
 *   to sign in again, when it comes to that; asking: told when that begins, and when they did
 */
export async function send(name, body, { ask = true, asking } = {}) {
  const counts = name !== "presence";
  if (counts) writes.running += 1;
  try {
    return await request(boot.urls[name], { method: "POST", body: JSON.stringify(body) }, ask, asking);
  } finally {
    if (counts) writes.running -= 1;
    if (counts) writes.count += 1;
  }
}

/** @param {string} url @param {RequestInit} init @param {boolean} ask @param {(waits: boolean) => void} [asking] */
async function request(url, init, ask, asking) {
  let renewed = false;
  for (;;) {
    const answer = await attempt(url, init);
    const problem = answer.ok ? null : await problemOf(answer);
    if (!problem) return answer.json();
    if (answer.status === 401) {
      if (!ask) throw new SignedOut();
      asking?.(true);
      if (!(await signInAgain(problem.message ?? ""))) throw new SignedOut();
      asking?.(false);
    } else if (problem.code === "csrf" && !renewed) {
      renewed = true;
      await renewToken();
    } else if (answer.status >= 500 || answer.status === 429 || problem.reason === "busy") {
      throw new Unreachable(problem.message);
    } else {
      throw new Refused(answer.status, problem);
    }
  }
}

/** @param {string} url @param {RequestInit} init */
async function attempt(url, init) {
  const headers = { ...init.headers, Accept: "application/json", "X-Staff": boot.staff.id };
  if (init.method === "POST") Object.assign(headers, { "Content-Type": "application/json", "X-CSRFToken": token() });
  const size = typeof init.body === "string" ? init.body.length : 0;
  const signal = AbortSignal.timeout(PATIENCE_MS + (size / 1e6) * PER_MEGABYTE_MS);
  try {
    return await fetch(url, { ...init, headers, redirect: "error", cache: "no-store", signal });
  } catch (error) {
    throw new Unreachable(String(error));
  }
}

/** @param {Response} answer */
async function problemOf(answer) {
  try {
    return (await answer.json()).error ?? {};
  } catch {
    return {};
  }
}

/** The token travels in a cookie, and changes when someone signs in. */
export const token = () => document.cookie.match(/(?:^|; )csrftoken=([^;]*)/)?.[1] ?? "";

/** The sign-in page sets a fresh one. */
export async function renewToken() {
  await attempt(boot.urls.login, {});
}
