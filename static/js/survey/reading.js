// What was typed into the form of a household, and what it means: the same as the server reads (survey/entering/forms.py
// and schemas.py), so that a mistake is said at the door and not days later. The server has the last word.

import { arabic } from "./fields.js";

export const FIELDS = ["here", "none", "one", "two", "more", "unasked", "refusing"];
const PARTS = ["none", "one", "two", "more", "unasked"];
const MOST_IN_HOUSEHOLD = 99;
const MOST_IN_VILLAGE = 30_000;
const HOUSE = /^[0-9a-zก-๙ ./-]*[0-9][0-9a-zก-๙ ./-]*$/;
const PHONE = /^(?:0|\+?66)(?:[ .-]?[0-9]){8,9}$/;

/**
 * @typedef {Record<string, number>} Figures
 * @typedef {{
 *   round: number, village: string, household: string | null, groups: Record<string, Figures>, version: number,
 *   observed_at: string, entry?: number, revision?: number,
 * }} Content
 * @typedef {{ problems: Map<string, string>, content: Content | null, clock: boolean }} Reading
 * `problems`: field → key of the words. `clock`: whether the phone's clock says when it was.
 */

/**
 * A house number as it is compared; empty if it is none.
 * @param {string} typed
 */
export function houseNumber(typed) {
  const text = arabic(typed)
    .normalize("NFC")
    .toLowerCase()
    .replace(/\s+/g, " ")
    .trim()
    .replace(/^(?:บ้านเลขที่|เลขที่|house number|house no\.?|no\.?)\s*/, "")
    .replace(/\s*([/.-])\s*/g, "$1")
    .trim();
  return text.length <= 30 && HOUSE.test(text) && !PHONE.test(text) && !/^\d{13}$/.test(text.replace(/[ -]/g, "")) ? text : "";
}

/**
 * The house number after this one: “12” → “13”, “12/3” → “12/4”.
 * @param {string | null | undefined} household
 */
export function nextNumber(household) {
  const match = /^(.*?)(\d{1,6})(\D*)$/.exec(household ?? "");
  return match ? `${match[1]}${Number(match[2]) + 1}` : "";
}

/**
 * @param {Map<string, string>} typed
 * @param {string} group
 * @param {Map<string, string>} problems
 * @returns {Figures | null} null: nothing was typed
 */
function figures(typed, group, problems) {
  /** @type {Figures} */
  const found = {};
  for (const name of FIELDS) {
    const text = arabic((typed.get(`${group}_${name}`) ?? "").trim());
    if (text === "") continue;
    if (!/^\d{1,5}$/.test(text)) problems.set(`${group}_${name}`, "number");
    found[name] = Number.parseInt(text, 10) || 0;
  }
  if (!Object.keys(found).length) return null;
  for (const name of FIELDS) found[name] ??= name === "here" ? PARTS.reduce((sum, part) => sum + (found[part] ?? 0), 0) : 0;
  const parts = PARTS.reduce((sum, part) => sum + found[part], 0);
  if (parts > found.here) problems.set(group, "toomany");
  else if (parts < found.here) problems.set(group, "missing");
  else if (found.refusing > found.none + found.one + found.two) problems.set(group, "refusing");
  return found;
}

/** No one of a group lives there. */
export const nobody = () => Object.fromEntries(FIELDS.map((name) => [name, 0]));

/**
 * @param {Map<string, string>} typed the fields of the form
 * @param {{ round: number, village: string, version: number, groups: string[] }} place
 * @param {Date} now
 * @returns {Reading}
 */
export function read(typed, place, now) {
  /** @type {Map<string, string>} */
  const problems = new Map();
  /** @type {Record<string, Figures>} */
  const groups = {};
  const rest = typed.get("rest") ?? "";
  let isEmpty = false;
  for (const group of place.groups) {
    const found = figures(typed, group, problems);
    if (found) groups[group] = found;
    else if (rest === "nobody") groups[group] = nobody();
    else isEmpty = true;
  }
  if (isEmpty && !rest) problems.set("rest", "rest");
  const isVillage = typed.get("unit") === "village";
  const household = isVillage ? null : houseNumber(typed.get("household") ?? "");
  if (household === "") problems.set("household", typed.get("household")?.trim() ? "house" : "nohouse");
  const people = Object.values(groups).reduce((sum, one) => sum + one.here, 0);
  if (people > (isVillage ? MOST_IN_VILLAGE : MOST_IN_HOUSEHOLD)) problems.set("", "people");
  if (!problems.size && !Object.keys(groups).length) problems.set("", "empty");
  const day = typed.get("visited_on") ?? "";
  if (day && day > dayInBangkok(now)) problems.set("visited_on", "future");
  if (problems.size) return { problems, content: null, clock: false };
  /** @type {Content} */
  const content = {
    round: place.round, village: place.village, household, groups, version: place.version,
    observed_at: day ? new Date(Math.min(Date.parse(`${day}T12:00:00+07:00`), now.getTime())).toISOString() : typed.get("observed_at") || now.toISOString(),
  };
  return { problems, content: corrects(content, typed), clock: !day };
}

/**
 * @param {Content} content
 * @param {Map<string, string>} typed
 * @returns {Content}
 */
function corrects(content, typed) {
  const entry = Number(typed.get("entry"));
  const revision = Number(typed.get("revision"));
  return entry && revision ? { ...content, entry, revision } : content;
}

/** @param {Date} now */
const dayInBangkok = (now) => new Intl.DateTimeFormat("en-CA", { timeZone: "Asia/Bangkok" }).format(now);

/**
 * Figures as the fields of the form show them; zeros stay empty where the group has people.
 * @param {Record<string, Figures>} groups
 * @returns {[string, string][]}
 */
export const filled = (groups) =>
  Object.entries(groups).flatMap(([group, numbers]) =>
    FIELDS.filter((name) => numbers[name] || name === "here").map((name) => /** @type {[string, string]} */ ([`${group}_${name}`, String(numbers[name])])),
  );

/**
 * @param {Record<string, Figures>} groups
 */
export const people = (groups) => Object.values(groups).reduce((sum, one) => sum + one.here, 0);
