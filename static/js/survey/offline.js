// The page that works without a connection: one's villages, the form of each, and what waits on this phone.

import { holder, lock } from "../outbox/holder.js";
import { sendWhenPossible, Sender } from "../outbox/sending.js";
import { isFull, isPossible, onChange, persists, sweep } from "../outbox/store.js";
import { stored, store as sentBefore } from "../survey-sent.js";
import { courier, kept } from "./courier.js";
import { enhance } from "./fields.js";
import { field, form, GROUPS, problems, put, reset, typed, unit } from "./household-form.js";
import { keepRecord, mine } from "./records.js";
import { filled, houseNumber, nextNumber, people, read } from "./reading.js";
import { showRecords } from "./outbox-list.js";
import { fill, part, parts, say, shown, words } from "./page-parts.js";

/**
 * @typedef {import("./records.js").Mine} Mine
 * @typedef {import("./courier.js").Kept} Kept
 * @typedef {import("./courier.js").Known} Known
 * @typedef {{ round: number, village: string, version: number, name: string, place: string, roundName: string, ended: boolean }} Place
 */

/** @type {Kept | null} */
let own = null;
/** @type {Mine[]} */
let records = [];
/** @type {Place | null} */
let place = null;
/** @type {Mine | null} an entry of the outbox that is changed */
let mended = null;
/** @type {string} the key under which the form may have been sent before */
let sentKey = "";
let word = "idle";

const sender = new Sender(courier, (next) => {
  word = next;
  bar();
});

// What is said at the bottom ---------------------------------------------------------------------------------------

const waiting = () => records.filter((one) => one.entry.state !== "sent").length;

async function bar() {
  const me = await holder();
  const count = waiting();
  const line = count === 0 ? words.none : count === 1 ? words.one : fill(words.many, { num: count });
  const beside = word === "sending" ? words.sending : word === "idle" || (word === "away" && !count) ? "" : words[word];
  for (const one of parts("[data-bar-words], [data-line]")) one.textContent = beside ? `${line} · ${beside}` : line;
  shown("[data-bar]", Boolean(me) && !place);
  shown("[data-send]", count > 0 && word !== "sending");
}

// Which part of the page is shown ----------------------------------------------------------------------------------

async function load() {
  own = await kept();
  records = await mine();
}

/** @param {string} view */
function only(view) {
  for (const one of parts("[data-view]")) one.hidden = one.dataset.view !== view && !(one.dataset.view === "records" && view !== "form");
}

async function show() {
  const me = await holder();
  part("[data-who]").textContent = me?.name ? fill(words.as, { name: me.name }) : "";
  const [round, village] = window.location.hash.slice(1).split("/");
  place = own && /^\d{8}$/.test(village ?? "") ? placeOf(Number(round), village) : null;
  if (!me || !own) only("locked");
  else if (place) {
    only("form");
    showForm(place);
  } else {
    only("list");
    showList(own);
  }
  part("[data-heading]").textContent = place ? place.name : document.title;
  await showRecords(records, again, () => sender.send(true));
  await bar();
}

/**
 * @param {number} round
 * @param {string} village
 * @returns {Place | null}
 */
function placeOf(round, village) {
  const found = own?.rounds.find((one) => one.id === round);
  if (!found) return null;
  const listed = found.villages.find((one) => one.code === village);
  const name = listed?.name ?? fill(words.number, { number: Number(village.slice(6)) });
  const tambon = listed?.place ?? own?.tambons.find((one) => one.code === village.slice(0, 6))?.name ?? "";
  return { round, village, version: found.version, name, place: tambon, roundName: found.name, ended: listed?.ended ?? false };
}

/** @param {Kept} given */
function showList(given) {
  const heads = given.rounds.flatMap((round) => {
    const title = document.createElement("h2");
    title.textContent = round.name;
    const list = document.createElement("ul");
    list.className = "list";
    list.append(...round.villages.map((one) => villageItem(round.id, one)));
    return [title, list];
  });
  part("[data-rounds]").replaceChildren(...heads);
  shown("[data-empty]", !given.rounds.length);
  shown("[data-another]", given.rounds.length > 0 && given.tambons.length > 0);
  options("#other-round", given.rounds.map((one) => [String(one.id), one.name]));
  options("#other-tambon", given.tambons.map((one) => [one.code, one.name]));
}

/**
 * @param {number} round
 * @param {import("./courier.js").Village} village
 */
function villageItem(round, village) {
  const item = document.createElement("li");
  const link = document.createElement("a");
  link.href = `#${round}/${village.code}`;
  link.textContent = `${village.name} ${village.place}`;
  const told = document.createElement("span");
  told.className = "muted";
  told.textContent = village.told ?? "";
  item.append(link, " ", told);
  return item;
}

/**
 * @param {string} selector
 * @param {[string, string][]} choices
 */
function options(selector, choices) {
  part(selector).replaceChildren(...choices.map(([value, text]) => new Option(text, value)));
}

// The form ---------------------------------------------------------------------------------------------------------

/** @param {Place} at */
const here = (at) => ({
  known: (own?.records ?? []).filter((one) => one.village === at.village),
  phone: records.filter((one) => one.content?.round === at.round && one.content.village === at.village),
});

/** @param {Place} at */
function showForm(at) {
  part("[data-place]").textContent = [at.place, at.roundName].filter(Boolean).join(" · ");
  part("[data-ended]").textContent = words.ended;
  shown("[data-ended]", at.ended);
  const { known: all, phone } = here(at);
  const newest = phone.at(-1)?.content?.household ?? all.find((one) => one.round === at.round)?.household;
  if (!mended && !field("household").value) field("household").value = nextNumber(newest);
  const list = part("[data-recorded] ul");
  list.replaceChildren(...all.filter((one) => one.household).map((one) => recordedItem(one)));
  part("[data-count]").textContent = String(list.children.length);
  shown("[data-recorded]", list.children.length > 0);
  lastTime();
}

/** @param {Known} one */
function recordedItem(one) {
  const item = document.createElement("li");
  const button = Object.assign(document.createElement("button"), { type: "button", className: "button quiet small" });
  button.textContent = `${fill(words.house, { number: one.household ?? "" })} · ${one.day} · ${fill(words.people, { num: people(one.groups) })}`;
  button.addEventListener("click", () => {
    put([["household", one.household ?? ""], ...(one.round === place?.round ? filled(one.groups) : [])]);
    lastTime();
    field("household").focus();
  });
  item.append(button);
  return item;
}

/** What was recorded of this house before, if anything. */
function known() {
  if (!place) return null;
  const house = field("unit").value === "village" ? null : houseNumber(field("household").value);
  const { known: all, phone } = here(place);
  const sent = phone.findLast((one) => one.entry.state === "sent" && one.content?.household === house);
  if (sent?.content) {
    const { groups } = sent.content;
    const { entry, revision } = sent.entry.receipt;
    return { round: place.round, entry, revision, groups, day: new Date(sent.entry.made).toLocaleDateString(document.documentElement.dataset.locale) };
  }
  const there = all.filter((one) => one.household === house);
  return there.find((one) => one.round === place?.round) ?? there[0] ?? null;
}

function lastTime() {
  const found = hasHouse() ? known() : null;
  shown("[data-before]", found !== null);
  const corrects = found !== null && found.round === place?.round && !mended;
  if (found) {
    const line = fill(corrects ? words.before : words.last, { day: found.day });
    part("[data-before-words]").textContent = `${line} ${fill(words.people, { num: people(found.groups) })}`;
  }
  if (mended) return;
  field("entry").value = corrects && found ? String(found.entry) : "";
  field("revision").value = corrects && found ? String(found.revision) : "";
}

const hasHouse = () => field("unit").value === "village" || houseNumber(field("household").value) !== "";

/** @param {Event} event */
async function save(event) {
  event.preventDefault();
  if (!place) return;
  const { problems: found, content, clock } = read(typed(), { ...place, groups: GROUPS }, new Date());
  if (content && !mended && here(place).phone.some((one) => one.entry.state !== "sent" && one.content?.household === content.household)) {
    found.set(content.household === null ? "" : "household", words.twice);
  }
  problems(found);
  if (content && !found.size) await keepAway(content, clock);
}

/**
 * @param {import("./reading.js").Content} content
 * @param {boolean} clock
 */
async function keepAway(content, clock) {
  if (!place) return;
  const label = { village: place.name, round: place.roundName };
  try {
    await keepRecord({ content, clock, label }, mended ?? undefined, sentKey);
  } catch (error) {
    say(isFull(error) ? words.full : words.broken);
    return;
  }
  mended = null;
  sentKey = "";
  sentBefore(null);
  const after = content.household;
  reset();
  field("household").value = nextNumber(after);
  await refresh();
  say(words.saved);
  field("household").focus();
  sender.send(true);
  await background();
}

async function background() {
  part("[data-persist]").textContent = (await persists()) ? words.kept : words.notkept;
  try {
    const registration = /** @type {any} */ (await navigator.serviceWorker?.getRegistration());
    await registration?.sync?.register("outbox"); // an extra: Safari and Firefox have none
  } catch {
    // Refused: the page sends when it is open.
  }
}

async function same() {
  const found = known();
  if (!found || !place) return;
  const corrects = found.round === place.round ? { entry: found.entry, revision: found.revision } : {};
  const isVillage = field("unit").value === "village";
  const content = {
    round: place.round, village: place.village, household: isVillage ? null : houseNumber(field("household").value),
    groups: found.groups, version: place.version, observed_at: new Date().toISOString(), ...corrects,
  };
  await keepAway(content, true);
}

// What is done with one entry --------------------------------------------------------------------------------------

/** @param {Mine} one */
const addressOf = (one) => `#${one.content?.round}/${one.content?.village}`;

/** @param {Mine} one */
function again(one) {
  const { content } = one;
  if (!content) return;
  mended = one;
  window.location.hash = addressOf(one);
  put([
    ["unit", content.household === null ? "village" : "household"], ["household", content.household ?? ""], ...filled(content.groups),
    ["rest", "not_asked"], ["observed_at", content.observed_at], ["entry", String(content.entry ?? "")], ["revision", String(content.revision ?? "")],
  ]);
}

// A form that was sent into nothing --------------------------------------------------------------------------------

/** What was typed on a page of the server that could not send it: it is saved here, under the key it had. */
async function takeOver() {
  const sent = stored();
  const match = /\/(\d+)\/(\d{8})$/.exec(sent?.address ?? "");
  if (!sent || !match || !own || sent.who !== own.who) return; // what somebody else has typed is not ours
  const fields = new Map(sent.fields);
  place = placeOf(Number(match[1]), match[2]);
  if (!place) return;
  sentKey = fields.get("once") ?? "";
  window.history.replaceState(null, "", `#${place.round}/${place.village}`);
  put(sent.fields.filter(([name]) => name !== "do"));
  if (fields.get("do") === "same") {
    lastTime();
    if (known()) await same();
    return;
  }
  const reading = read(fields, { ...place, groups: GROUPS, version: Number(fields.get("version")) || place.version }, new Date());
  if (reading.content) await keepAway(reading.content, reading.clock);
  else {
    say(words.again);
    problems(reading.problems);
  }
}

// Start ------------------------------------------------------------------------------------------------------------

/** @type {Promise<void> | null} */
let refreshing = null;
let refreshAgain = false;

/** Shows everything as it is now; one at a time, however much changes meanwhile. */
function refresh() {
  if (refreshing) {
    refreshAgain = true;
    return refreshing;
  }
  refreshing = (async () => {
    do {
      refreshAgain = false;
      await load();
      await show();
    } while (refreshAgain);
  })().finally(() => {
    refreshing = null;
  });
  return refreshing;
}

function listen() {
  form.addEventListener("submit", save);
  form.addEventListener(
    "input",
    () => {
      if (!field("observed_at").value) field("observed_at").value = new Date().toISOString();
    },
  );
  field("household").addEventListener("input", lastTime);
  part("[data-same]").addEventListener("click", same);
  part("[data-send]").addEventListener("click", () => sender.send(true));
  part("[data-lock]").addEventListener("click", () => lock().then(refresh));
  for (const one of parts("[data-unit]")) one.addEventListener("click", () => unit(one.dataset.unit ?? ""));
  part("[data-open]").addEventListener("click", () => {
    const number = Number.parseInt(/** @type {HTMLInputElement} */ (part("#other-number")).value, 10);
    const tambon = /** @type {HTMLSelectElement} */ (part("#other-tambon")).value;
    const round = /** @type {HTMLSelectElement} */ (part("#other-round")).value;
    if (number > 0 && number < 100) window.location.hash = `${round}/${tambon}${String(number).padStart(2, "0")}`;
  });
  window.addEventListener("hashchange", () => {
    if (mended && window.location.hash !== addressOf(mended)) mended = null;
    if (!mended) reset();
    say("");
    show();
  });
  onChange(refresh);
}

async function start() {
  if (!isPossible()) {
    only("locked");
    return;
  }
  enhance(form);
  await sweep();
  listen();
  await refresh();
  const isSent = window.location.hash === "#sent";
  if (isSent) await takeOver();
  if (navigator.onLine) await courier.identify();
  await refresh();
  sendWhenPossible(sender);
}

start();
