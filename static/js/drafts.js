// What was typed into the form of a help request, stored in this browser for a day. Every page deletes drafts that are
// older, not only the form: most people never open it again.

export const KEPT = 24 * 60 * 60 * 1000; // as long as the server leads the same key to the same page
const FAST = 5 * 60 * 1000; // clocks may differ by this much
const OURS = "mapapp-asking-";

/**
 * What was typed, and when (milliseconds).
 * @typedef {{ at: number, fields: [string, string][] }} Draft
 */

/** @param {string | undefined} who */
export const nameOf = (who) => OURS + who;

/** @param {Draft | null} draft */
const isCurrent = (draft) =>
  draft !== null && Array.isArray(draft.fields) && Date.now() - draft.at < KEPT && draft.at - Date.now() < FAST;

/**
 * The draft of this name; null if there is none, or if it is too old.
 * @param {string} name
 * @returns {Draft | null}
 */
export function stored(name) {
  try {
    const draft = JSON.parse(localStorage.getItem(name) ?? "null");
    return isCurrent(draft) ? draft : null;
  } catch {
    return null; // no storage, or its content is not ours
  }
}

/**
 * @param {string} name
 * @param {Draft | null} draft
 */
export function store(name, draft) {
  try {
    if (draft) localStorage.setItem(name, JSON.stringify(draft));
    else localStorage.removeItem(name);
  } catch {
    // The browser stores nothing: the form still works.
  }
}

/** Deletes drafts that are too old or cannot be read. */
export function sweep() {
  try {
    for (const name of Object.keys(localStorage)) {
      if (name.startsWith(OURS) && !stored(name)) localStorage.removeItem(name);
    }
  } catch {
    // No storage.
  }
}
