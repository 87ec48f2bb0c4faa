// Records of households in the outbox: sealed, and opened for the one whose they are.

import { holder } from "../outbox/holder.js";
import { open, seal } from "../outbox/sealing.js";
import { about } from "../outbox/sending.js";
import { entries, put, remove } from "../outbox/store.js";
import { FORM } from "./courier.js";

/**
 * @typedef {import("./reading.js").Content} Content
 * @typedef {{ content: Content, clock: boolean, label: { village: string, round: string } }} Recorded
 * @typedef {{ entry: import("../outbox/store.js").Entry, content: Content | null, label: Recorded["label"] | null, clock: boolean, problem: any, isBroken: boolean }} Mine
 * `content` is null where it cannot be read: the outbox is locked, or the entry does not open even so (`isBroken`).
 */

/** @type {Map<string, { text: string, found: any }>} what was opened already, by key: opening hundreds takes a while */
const opened = new Map();

/**
 * @param {import("../outbox/holder.js").Holder | null} me
 * @param {import("../outbox/store.js").Entry} entry
 */
async function contentOf(me, entry) {
  if (!me?.keys.length) {
    opened.clear();
    return undefined;
  }
  const known = opened.get(entry.key);
  if (known?.text === entry.sealed.text) return known.found;
  const found = await open(me.keys, about(entry), entry.sealed);
  if (found !== undefined) opened.set(entry.key, { text: entry.sealed.text, found });
  return found;
}

/**
 * The records of the one whose outbox it is, oldest first.
 * @returns {Promise<Mine[]>}
 */
export async function mine() {
  const me = await holder();
  const own = (await entries()).filter((one) => one.owner === me?.who && one.form === FORM);
  return Promise.all(
    own.map(async (entry) => {
      const found = await contentOf(me, entry);
      const problem = entry.answer ? await open(me?.keys ?? [], about(entry), entry.answer) : null;
      return { entry, content: found?.content ?? null, label: found?.label ?? null, clock: found?.clock ?? true, problem, isBroken: !found && Boolean(me?.keys.length) };
    }),
  );
}

/** How many records of others wait on this phone. */
export async function ofOthers() {
  const me = await holder();
  return (await entries()).filter((one) => one.owner !== me?.who && one.state !== "sent").length;
}

/**
 * Puts a record into the outbox: new, or in place of one that has no receipt.
 * @param {Recorded} recorded
 * @param {Mine} [before]
 * @param {string} [key] under which it may have been sent already
 */
export async function keepRecord(recorded, before, key) {
  const me = await holder();
  if (!me) throw new Error("nobody has signed in on this phone");
  const made = { form: FORM, owner: me.who, key: before?.entry.key ?? (key || crypto.randomUUID()) };
  const sealed = await seal(me.to, about(made), recorded);
  await put({ ...made, state: "waiting", sealed, made: before?.entry.made ?? Date.now(), tries: before?.entry.tries ?? 0, next: 0, receipt: null, status: 0, answer: null, done: 0 });
}

/**
 * Of two versions mine counts: it is sent once more, as a correction of what is there now, under a key of its own.
 * @param {Mine} one
 */
export async function insist(one) {
  const now = one.problem?.current;
  if (!one.content || !now || !one.label) return;
  await keepRecord({ content: { ...one.content, entry: now.entry, revision: now.revision }, clock: one.clock, label: one.label });
  await remove(one.entry.key);
}

/** @param {Mine} one */
export const sendAgain = (one) => put({ ...one.entry, state: "waiting", next: 0, answer: null });
