// Seals texts for one person: AES-256-GCM under a key that is agreed with that person's public key (ECDH on P-256, HKDF).
// Anybody who has the public key can seal; only the private key opens, and that comes with a signed-in session. So
// somebody without a session, or without a connection for days, can still record and not read what is there.

/**
 * @typedef {import("./store.js").Sealed} Sealed
 */

const CURVE = { name: "ECDH", namedCurve: "P-256" };
const text = new TextEncoder();

/** @param {ArrayBuffer | Uint8Array} bytes */
const written = (bytes) => btoa(Array.from(new Uint8Array(bytes), (one) => String.fromCharCode(one)).join(""));

/**
 * @param {string} value
 * @returns {Uint8Array<ArrayBuffer>}
 */
const read = (value) => Uint8Array.from(atob(value), (one) => one.charCodeAt(0));

/**
 * @param {CryptoKey} mine
 * @param {CryptoKey} theirs
 * @param {string} about
 */
async function agreed(mine, theirs, about) {
  const bits = await crypto.subtle.deriveBits({ name: "ECDH", public: theirs }, mine, 256);
  const secret = await crypto.subtle.importKey("raw", bits, "HKDF", false, ["deriveKey"]);
  const how = { name: "HKDF", hash: "SHA-256", salt: new Uint8Array(), info: text.encode(about) };
  return crypto.subtle.deriveKey(how, secret, { name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
}

/**
 * @param {JsonWebKey} jwk
 */
export const publicKey = (jwk) => crypto.subtle.importKey("jwk", { kty: "EC", crv: "P-256", x: jwk.x, y: jwk.y }, CURVE, true, []);

/**
 * A private key that scripts can use and not read.
 * @param {JsonWebKey} jwk
 */
export const privateKey = (jwk) =>
  crypto.subtle.importKey("jwk", { kty: "EC", crv: "P-256", x: jwk.x, y: jwk.y, d: jwk.d }, CURVE, false, ["deriveBits"]);

/**
 * @param {{ kid: string, key: CryptoKey }} to
 * @param {string} about what it is; it opens only as that
 * @param {unknown} value
 * @returns {Promise<Sealed>}
 */
export async function seal(to, about, value) {
  const once = /** @type {CryptoKeyPair} */ (await crypto.subtle.generateKey(CURVE, true, ["deriveBits"]));
  const key = await agreed(once.privateKey, to.key, about);
  const nonce = crypto.getRandomValues(new Uint8Array(12));
  const how = { name: "AES-GCM", iv: nonce, additionalData: text.encode(`${about}|${to.kid}`) };
  const sealed = await crypto.subtle.encrypt(how, key, text.encode(JSON.stringify(value)));
  const from = await crypto.subtle.exportKey("raw", once.publicKey);
  return { kid: to.kid, from: written(from), nonce: written(nonce), text: written(sealed) };
}

/**
 * @param {{ kid: string, key: CryptoKey }[]} keys
 * @param {string} about
 * @param {Sealed} sealed
 * @returns {Promise<any>} undefined: none of the keys opens it
 */
export async function open(keys, about, sealed) {
  const mine = keys.find((one) => one.kid === sealed.kid);
  if (!mine) return undefined;
  try {
    const from = await crypto.subtle.importKey("raw", read(sealed.from), CURVE, true, []);
    const key = await agreed(mine.key, from, about);
    const how = { name: "AES-GCM", iv: read(sealed.nonce), additionalData: text.encode(`${about}|${sealed.kid}`) };
    return JSON.parse(new TextDecoder().decode(await crypto.subtle.decrypt(how, key, read(sealed.text))));
  } catch {
    return undefined; // changed, or of somebody else
  }
}
