// How the outbox reaches the survey: who is signed in, what the phone keeps of their villages, and where records are sent.

import { holder, learn, lock } from "../outbox/holder.js";
import { open, seal } from "../outbox/sealing.js";
import { keep, thing } from "../outbox/store.js";
import { FIELDS } from "./reading.js";

export const FORM = "survey";
const PHONE = "/volunteer/survey/phone";

/**
 * @typedef {{ code: string, name: string, place: string, ended: boolean, told?: string }} Village
 * @typedef {{ id: number, name: string, version: number, example: boolean, villages: Village[] }} Round
 * @typedef {{
 *   round: number, village: string, household: string | null, entry: number, revision: number, state: string, day: string,
 *   groups: Record<string, Record<string, number>>,
 * }} Known
 * @typedef {{ who: string, rounds: Round[], tambons: { code: string, name: string }[], records: Known[] }} Kept
 */

/** @param {string} who */
const about = (who) => `kept|${FORM}|${who}`;

/** The language that the page was asked in: texts come in it. */
function language() {
  const asked = new URLSearchParams(window.location.search).get("lang");
  return asked ? `?${new URLSearchParams({ lang: asked })}` : "";
}

/** @returns {Promise<"in" | "out" | "away" | "forbidden">} */
async function identify() {
  let answer;
  try {
    answer = await fetch(PHONE + language(), { redirect: "manual", cache: "no-store", signal: AbortSignal.timeout(30_000) });
  } catch {
    return "away";
  }
  const isOut = answer.type === "opaqueredirect" || answer.status === 401;
  if (isOut || answer.status === 403) {
    if (await thing("keys")) await lock(); // ended elsewhere, perhaps because this phone was stolen
    return isOut ? "out" : "forbidden";
  }
  if (!answer.ok) return "away";
  const given = await answer.json();
  await learn(given);
  const me = await holder();
  if (me) {
    const records = await seal(me.to, about(me.who), given.records);
    await keep(FORM, { who: given.who, rounds: given.rounds, tambons: given.tambons, records });
  }
  return "in";
}

/**
 * What the phone keeps of the person whose outbox it is; what they recorded only where it can be read.
 * @returns {Promise<Kept | null>}
 */
export async function kept() {
  const me = await holder();
  const found = await thing(FORM);
  if (!me || !found || found.who !== me.who) return null;
  const records = (await open(me.keys, about(me.who), found.records)) ?? [];
  return {
    ...found,
    records: records.map((/** @type {any} */ one) => ({
      ...one,
      groups: Object.fromEntries(
        Object.entries(one.groups).map(([group, numbers]) => [group, Object.fromEntries(FIELDS.map((name, at) => [name, numbers[at]]))]),
      ),
    })),
  };
}

/** @type {import("../outbox/sending.js").Courier} */
export const courier = {
  form: FORM,
  address: "/api/v1/survey/entries",
  identify,
  pack: ({ content, clock }) => (clock ? { ...content, sent_at: new Date().toISOString() } : content),
};
