// The browser's side of WebAuthn, with bytes as base64url, as the server says and reads them.

/** Said by the server, in words for the person. */
class Refused extends Error {}

/** @param {ArrayBuffer} bytes */
const encode = (bytes) =>
  btoa(String.fromCharCode(...new Uint8Array(bytes)))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");

/** @param {string} text */
const decode = (text) =>
  Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (letter) => letter.charCodeAt(0));

/**
 * @param {"create" | "get"} kind
 * @param {string} url where the challenge comes from
 * @param {string} token
 */
export async function credentialFor(kind, url, token) {
  if (!window.PublicKeyCredential) throw new Refused("This browser has no passkeys.");
  const headers = { Accept: "application/json", "X-CSRFToken": token };
  const answer = await fetch(url, { method: "POST", headers }).catch(() => null);
  if (!answer) throw new Refused("The server cannot be reached. Try again.");
  const body = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Refused(body.error?.message ?? "That did not work. Try again.");
  const publicKey = withBytes(body.publicKey);
  const made = await navigator.credentials[kind](/** @type {any} */ ({ publicKey }));
  return asJson(/** @type {PublicKeyCredential} */ (made));
}

/** @param {any} options */
function withBytes(options) {
  options.challenge = decode(options.challenge);
  if (options.user) options.user.id = decode(options.user.id);
  for (const each of [...(options.excludeCredentials ?? []), ...(options.allowCredentials ?? [])]) each.id = decode(each.id);
  return options;
}

/** @param {PublicKeyCredential} credential */
function asJson(credential) {
  const names = ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"];
  const given = /** @type {any} */ (credential.response);
  const response = Object.fromEntries(names.filter((name) => given[name]).map((name) => [name, encode(given[name])]));
  return { id: credential.id, rawId: encode(credential.rawId), type: credential.type, response, clientExtensionResults: {} };
}

/** @param {unknown} error */
export function whyNot(error) {
  if (error instanceof Refused) return error.message;
  if (error instanceof DOMException && error.name === "InvalidStateError") return "This device has a passkey for this account already.";
  if (error instanceof DOMException && error.name === "NotAllowedError") return "No passkey was used. Try again, or use another way.";
  return "The browser could not use a passkey. Use another way.";
}
