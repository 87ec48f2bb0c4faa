// Says when the page has changed since it was made, within five seconds, and when that cannot be found out. It takes
// nothing from under anybody's hands: what is typed and where the focus is stay as they are, and the reader opens it.
// In a tab that nobody sees nothing is asked; who comes back to it is told at once. A page that everybody reads is asked
// for only then (data-watch="return").

import { clock, day } from "./language.js";

export const BY_ITSELF = "X-By-Itself"; // nobody did anything: it neither counts as a look nor keeps anybody signed in
const EVERY_MS = 4000;
const MOST_MS = 60000;

const page = () => [...document.querySelectorAll("[data-fresh]")].at(-1); // htmx may have swapped another one in
const bar = document.querySelector("[data-fresh-said]");
let timer = 0;
let wait = EVERY_MS;
let asking = false;

// Of when it is --------------------------------------------------------------------------------------------------

const ZONE = { timeZone: "Asia/Bangkok" };
const CLOCK = new Intl.DateTimeFormat("en-GB", { ...ZONE, hour: "2-digit", minute: "2-digit" });
let right = new Date(document.querySelector("[data-made]")?.dataset.made ?? Date.now());

/** The time of day until which what is shown was right, as far as is known. */
export const asOf = () => CLOCK.format(right);

/**
 * What is shown is as it should be, at the time of this answer: the server's clock counts, not the phone's.
 * @param {string | null} date
 */
export function isRight(date) {
  const at = Date.parse(date ?? "");
  if (Number.isNaN(at)) return;
  right = new Date(at);
  const line = document.querySelector("[data-made]");
  if (!line?.dataset.words) return;
  line.textContent = line.dataset.words.replace("{time}", `${day(right)} ${clock.replace("%s", asOf())}`);
}

// What is said ---------------------------------------------------------------------------------------------------

/**
 * @param {string} name
 * @param {boolean} shown
 */
function part(name, shown) {
  const one = bar?.querySelector(name);
  if (one && one.hidden === shown) one.hidden = !shown;
  return one;
}

/** @param {"" | "changed" | "offline"} word */
export function announce(word) {
  if (!bar) return;
  const link = part("[data-fresh-changed]", word === "changed")?.querySelector("a");
  const at = page()?.dataset.at;
  if (word === "changed" && link && at) link.href = at;
  const offline = part("[data-fresh-offline]", word === "offline");
  const text = word === "offline" ? (bar.dataset.offline ?? "").replace("{time}", asOf()) : "";
  if (offline && offline.textContent !== text) offline.textContent = text;
}

/**
 * The number of urgent requests beside the officers' menu is brought up to date where it stands.
 * @param {string | null} number
 */
function waiting(number) {
  const badge = document.getElementById("requests-waiting");
  if (!badge || number === null || badge.dataset.waiting === number) return;
  badge.dataset.waiting = number;
  badge.textContent = "";
  if (number === "0") return;
  const outer = document.createElement("span");
  const seen = document.createElement("span");
  const spoken = document.createElement("span");
  outer.className = "waiting";
  seen.ariaHidden = "true";
  seen.textContent = number + (Number(number) >= 100 ? "+" : "");
  spoken.className = "visually-hidden";
  spoken.textContent = `(${(number === "1" ? badge.dataset.one : badge.dataset.many)?.replace("{num}", number)})`;
  outer.append(seen, spoken);
  badge.append(" ", outer);
}

// Asking ---------------------------------------------------------------------------------------------------------

async function ask() {
  clearTimeout(timer);
  const made = page();
  if (document.hidden || asking || !made || !bar) return;
  const { fresh, at, watch } = made.dataset;
  asking = true;
  try {
    const headers = { "If-None-Match": `W/"${fresh}"`, [BY_ITSELF]: "1" };
    const answer = await fetch(at ?? "", { headers, cache: "no-store", redirect: "manual" });
    if (answer.status === 429 || answer.status >= 500) throw new Error("later");
    wait = EVERY_MS;
    waiting(answer.headers.get("X-Requests-Waiting"));
    if (page()?.dataset.fresh !== fresh) announce(""); // the page was changed meanwhile
    else if (answer.status === 304) {
      announce("");
      isRight(answer.headers.get("Date"));
    } else announce("changed");
  } catch {
    announce("offline");
    wait = Math.min(2 * wait, MOST_MS); // not a thousand phones at once, while the service comes back
  }
  asking = false;
  if (watch === "always" || wait > EVERY_MS) timer = setTimeout(ask, wait);
}

if (page()) {
  if (page()?.dataset.watch === "always") timer = setTimeout(ask, EVERY_MS);
  document.addEventListener("visibilitychange", ask);
  window.addEventListener("online", ask);
  window.addEventListener("offline", () => announce("offline"));
  window.addEventListener("pageshow", (event) => event.persisted && ask());
  document.addEventListener("htmx:afterSwap", (event) => event.detail.elt.querySelector("[data-fresh]") && announce(""));
}

// Parts that htmx asks for by itself -----------------------------------------------------------------------------

/** @param {Element} element */
const isBySelf = (element) => element.matches("[data-by-itself]");

document.addEventListener("htmx:configRequest", (event) => {
  if (isBySelf(event.detail.elt)) event.detail.headers[BY_ITSELF] = "1";
});
for (const name of /** @type {const} */ (["htmx:sendError", "htmx:responseError", "htmx:timeout"])) {
  document.addEventListener(name, (event) => isBySelf(event.detail.elt) && announce("offline"));
}
document.addEventListener("htmx:beforeSwap", (event) => {
  const { elt, xhr } = event.detail;
  if (!isBySelf(elt) || xhr.status !== 200) return;
  if (new URL(xhr.responseURL).pathname !== elt.getAttribute("hx-get")?.split("?")[0]) {
    event.detail.shouldSwap = false; // led to signing in again: a page of its own
    announce("changed");
    return;
  }
  announce("");
  isRight(xhr.getResponseHeader("Date"));
});
