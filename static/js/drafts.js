// What somebody typed into the form for help, kept in this browser for a day: where it lies, and its end. Every page of
// ours looks whether a draft's day is over, not the form alone: most people never open that again.

export const KEPT = 24 * 60 * 60 * 1000; // as long as the server leads the same key to the same page
const FAST = 5 * 60 * 1000; // a clock may go so much before another
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
 * The draft of this name; null where there is none, or its day is over.
 * @param {string} name
 * @returns {Draft | null}
 */
export function stored(name) {
  try {
    const draft = JSON.parse(localStorage.getItem(name) ?? "null");
    return isCurrent(draft) ? draft : null;
  } catch {
    return null; // no storage here, or not ours
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
    // A browser that keeps nothing: the form works all the same.
  }
}

/** Takes away every draft whose day is over, and what cannot be read as one. */
export function sweep() {
  try {
    for (const name of Object.keys(localStorage)) {
      if (name.startsWith(OURS) && !stored(name)) localStorage.removeItem(name);
    }
  } catch {
    // No storage here.
  }
}
