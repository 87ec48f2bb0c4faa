// Shows within five seconds that the page has changed since it was loaded, or that this cannot be determined. It never
// changes the page itself: input and focus stay, and the reader reloads. In a hidden tab nothing is requested; when it
// becomes visible again, it asks immediately. A public page asks only then (data-watch="return").

import { clock, day } from "./language.js";

export const BY_ITSELF = "X-By-Itself"; // automatic request: it is neither recorded as a view, nor does it extend the session
const EVERY_MS = 4000;
const MOST_MS = 60000;

const page = () => [...document.querySelectorAll("[data-fresh]")].at(-1); // htmx may have replaced it
const bar = document.querySelector("[data-fresh-said]");
let timer = 0;
let wait = EVERY_MS;
let asking = false;

// Time of the data ------------------------------------------------------------------------------------------------

const ZONE = { timeZone: "Asia/Bangkok" };
const CLOCK = new Intl.DateTimeFormat("en-GB", { ...ZONE, hour: "2-digit", minute: "2-digit" });
let right = new Date(document.querySelector("[data-made]")?.dataset.made ?? Date.now());

/** The time of day until which the page is known to be correct. */
export const asOf = () => CLOCK.format(right);

/**
 * The page is correct at the time of this answer: the server's clock counts, not the phone's.
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

// Messages --------------------------------------------------------------------------------------------------------

/**
 * @param {string} name
 * @param {boolean} shown
 */
function part(name, shown) {
  const one = bar?.querySelector(name);
  if (one && one.hidden === shown) one.hidden = !shown;
  return one;
}

bar?.querySelector("[data-fresh-changed] a")?.addEventListener("click", async (event) => {
  // The browser may have kept the page as it was, and the link would show that again: what it has kept is renewed first.
  // (A reload would do that, too, but after a form it would send the form again.)
  const link = /** @type {HTMLAnchorElement} */ (event.currentTarget);
  const { ctrlKey, metaKey, shiftKey } = /** @type {MouseEvent} */ (event);
  if (ctrlKey || metaKey || shiftKey) return; // into another tab
  event.preventDefault();
  try {
    await fetch(link.href, { cache: "reload", headers: { [BY_ITSELF]: "1" } });
  } catch {
    // Without a connection the browser says so on the next page.
  }
  window.location.assign(link.href);
});

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
 * Updates the number of urgent requests in the officers' menu.
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

// Requests --------------------------------------------------------------------------------------------------------

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
    if (page()?.dataset.fresh !== fresh) announce(""); // the page was replaced in the meantime
    else if (answer.status === 304) {
      announce("");
      isRight(answer.headers.get("Date"));
    } else announce("changed");
  } catch {
    announce("offline");
    wait = Math.min(2 * wait, MOST_MS); // not a thousand phones at the same time while the service restarts
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

// Parts that htmx requests automatically --------------------------------------------------------------------------

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
    event.detail.shouldSwap = false; // redirected to sign-in, which is a page of its own
    announce("changed");
    return;
  }
  announce("");
  isRight(xhr.getResponseHeader("Date"));
});
