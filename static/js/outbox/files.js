// A queue as a file, for a phone that dies: the entries as they are, sealed. It is loaded on another phone, and sent once
// the same person is signed in there.

import { entries, entry, put } from "./store.js";

const FORMAT = "mapapp-outbox";
const KEY = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/**
 * What has no receipt yet.
 * @returns {Promise<Blob>}
 */
export async function asFile() {
  const waiting = (await entries()).filter((one) => one.state !== "sent");
  return new Blob([JSON.stringify({ format: FORMAT, version: 1, entries: waiting })], { type: "application/json" });
}

/** @param {any} sealed */
const isSealed = (sealed) => ["kid", "from", "nonce", "text"].every((name) => typeof sealed?.[name] === "string");

/**
 * An entry of a file, as far as it is one.
 * @param {any} one
 * @returns {import("./store.js").Entry | null}
 */
export function fromFile(one) {
  if (!KEY.test(one?.key) || typeof one.owner !== "string" || typeof one.form !== "string" || !isSealed(one.sealed)) return null;
  const made = one.made > 0 && one.made < Date.now() ? Number(one.made) : Date.now(); // a time that a page can tell
  const { key, owner, form, sealed } = one;
  return { key, owner, form, state: "waiting", sealed, made, tries: Number(one.tries) || 0, next: 0, receipt: null, status: 0, answer: null, done: 0 };
}

/**
 * Adds the entries of a file that are not here yet.
 * @param {string} content
 * @returns {Promise<number>} how many; -1: this is no such file
 */
export async function load(content) {
  let found;
  try {
    found = JSON.parse(content);
  } catch {
    return -1;
  }
  if (found?.format !== FORMAT || !Array.isArray(found.entries)) return -1;
  let added = 0;
  for (const one of found.entries.map(fromFile)) {
    if (!one || (await entry(one.key))) continue;
    await put(one);
    added += 1;
  }
  return added;
}
