// What waits on this phone to be sent, with what became of it: one table for every form that can be filled in without a
// connection. Texts are sealed (sealing.js); only what sending needs can be read. An entry leaves only with a receipt, or
// when somebody deletes it.

const NAME = "mapapp-outbox";
const CHANGED = "mapapp-outbox-changed";

/**
 * @typedef {"waiting" | "sent" | "conflict" | "refused"} State
 * @typedef {{ kid: string, from: string, nonce: string, text: string }} Sealed
 * @typedef {{
 *   key: string, owner: string, form: string, state: State, sealed: Sealed, made: number, tries: number, next: number,
 *   receipt: any, status: number, answer: Sealed | null, done: number,
 * }} Entry
 * `next`: not before this time. `receipt`: of the server. `answer`: its problem, sealed. `done`: when the answer came.
 */

/** @type {Promise<IDBDatabase> | null} */
let opened = null;

/** @returns {Promise<IDBDatabase>} */
function open() {
  opened ??= new Promise((resolve, reject) => {
    const asked = indexedDB.open(NAME, 1);
    asked.onupgradeneeded = () => {
      asked.result.createObjectStore("entries", { keyPath: "key" });
      asked.result.createObjectStore("things");
    };
    asked.onsuccess = () => {
      const database = asked.result;
      database.onversionchange = () => {
        database.close(); // a newer version of the service wants to change the tables
        opened = null;
      };
      database.onclose = () => {
        opened = null;
      };
      resolve(database);
    };
    asked.onerror = () => {
      opened = null;
      reject(asked.error);
    };
  });
  return opened;
}

/**
 * One transaction; resolves with what the request gave, once everything is on the disk.
 * @template T
 * @param {"entries" | "things"} table
 * @param {IDBTransactionMode} mode
 * @param {(rows: IDBObjectStore) => IDBRequest<T>} work
 * @returns {Promise<T>}
 */
async function within(table, mode, work) {
  const database = await open();
  return new Promise((resolve, reject) => {
    const transaction = database.transaction(table, mode, { durability: "strict" });
    const asked = work(transaction.objectStore(table));
    transaction.oncomplete = () => resolve(asked.result);
    transaction.onabort = () => reject(transaction.error ?? asked.error);
  });
}

/** @type {Set<() => void>} */
const listeners = new Set();
const channel = typeof BroadcastChannel === "function" ? new BroadcastChannel(CHANGED) : null;
channel?.addEventListener("message", tell);
const PAUSE = 150; // hundreds of entries change one after the other when a queue is sent
let telling = 0;

/**
 * Calls this after changes, made in this tab or in another one.
 * @param {() => void} listener
 */
export const onChange = (listener) => listeners.add(listener);

function tell() {
  if (!listeners.size) return;
  telling ||= window.setTimeout(() => {
    telling = 0;
    listeners.forEach((one) => one());
  }, PAUSE);
}

function changed() {
  channel?.postMessage("");
  tell();
}

/** @returns {Promise<Entry[]>} all of them, of everybody, oldest first */
export async function entries() {
  const found = /** @type {Entry[]} */ (await within("entries", "readonly", (rows) => rows.getAll()));
  return found.sort((one, other) => one.made - other.made);
}

/**
 * @param {string} key
 * @returns {Promise<Entry | undefined>}
 */
export const entry = (key) => within("entries", "readonly", (rows) => rows.get(key));

const OLD = 3 * 24 * 60 * 60 * 1000;

/**
 * Stores an entry. If the phone is full, what was sent already makes room first.
 * @param {Entry} one
 */
export async function put(one) {
  try {
    await within("entries", "readwrite", (rows) => rows.put(one));
  } catch (error) {
    if (!isFull(error)) throw error;
    await sweep(0);
    await within("entries", "readwrite", (rows) => rows.put(one));
  }
  changed();
}

/** @param {unknown} error */
export const isFull = (error) => error instanceof DOMException && error.name === "QuotaExceededError";

/** @param {string} key */
export async function remove(key) {
  await within("entries", "readwrite", (rows) => rows.delete(key));
  changed();
}

/**
 * Deletes what was sent and has its receipt for that long (milliseconds).
 * @param {number} age
 */
export async function sweep(age = OLD) {
  for (const one of await entries()) {
    if (one.state === "sent" && Date.now() - one.done >= age) await within("entries", "readwrite", (rows) => rows.delete(one.key));
  }
}

/**
 * Something beside the entries: keys, lists to choose from.
 * @param {string} name
 * @returns {Promise<any>}
 */
export const thing = (name) => within("things", "readonly", (rows) => rows.get(name));

/**
 * @param {string} name
 * @param {any} value
 */
export async function keep(name, value) {
  await within("things", "readwrite", (rows) => rows.put(value, name));
  changed();
}

/** @param {string} name */
export const forget = (name) => within("things", "readwrite", (rows) => rows.delete(name));

/**
 * Asks the browser not to clear the outbox by itself; false where it refuses.
 * @returns {Promise<boolean>}
 */
export async function persists() {
  const { storage } = navigator;
  if (!storage?.persist) return false;
  return (await storage.persisted()) || storage.persist();
}

/** Whether this browser can keep an outbox: storage, and cryptography (only over https, or on this machine). */
export const isPossible = () => typeof indexedDB !== "undefined" && Boolean(globalThis.crypto?.subtle);
