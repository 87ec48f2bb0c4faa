// Whose outbox it is. The public key stays: with it the phone seals. The private keys are there as long as the server was
// heard of within a session's idle time; without them nothing can be read, and nothing is sent.

import { forget, keep, thing } from "./store.js";
import { privateKey, publicKey } from "./sealing.js";

const SLOW = 5 * 60 * 1000; // a clock that goes back by more was changed

/**
 * @typedef {{ kid: string, key: CryptoKey }} Key
 * @typedef {{ who: string, name: string, to: Key, keys: Key[], csrf: string }} Holder
 * `keys` is empty where the outbox is locked.
 */

/** @type {{ who: string, csrf: string } | null} */
let session = null; // of this page, never stored

/**
 * What a signed-in session gives.
 * @param {{ who: string, name: string, csrf: string, keys: (JsonWebKey & { kid: string })[], keeps_s: number }} given
 */
export async function learn(given) {
  const keys = await Promise.all(given.keys.map(async (one) => ({ kid: one.kid, key: await privateKey(one) })));
  const to = { kid: given.keys[0].kid, key: await publicKey(given.keys[0]) };
  session = { who: given.who, csrf: given.csrf };
  await keep("holder", { who: given.who, name: given.name, to });
  await keep("keys", { who: given.who, keys, since: Date.now(), until: Date.now() + given.keeps_s * 1000 });
}

/** @returns {Promise<Holder | null>} null: nobody has used this phone yet */
export async function holder() {
  const found = await thing("holder");
  if (!found) return null;
  const held = await thing("keys");
  const now = Date.now();
  const isOurs = held && held.who === found.who && now < held.until && now > held.since - SLOW;
  if (held && !isOurs) await forget("keys");
  const csrf = isOurs && session && session.who === found.who ? session.csrf : "";
  return { ...found, keys: isOurs ? held.keys : [], csrf };
}

/** Nobody reads what is there until somebody signs in. */
export async function lock() {
  session = null;
  await keep("keys", null);
}

/** The session of this page is not valid any more, or is somebody else's. */
export function endSession() {
  session = null;
}
