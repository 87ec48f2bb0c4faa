// The officers' table of facilities: the map beside the table, choosing rows, and keyboard shortcuts. The page works
// without scripts.

import { inLanguage } from "./language.js";

const box = document.getElementById("console") ?? document.body;
const spoken = document.getElementById("said");
/** @type {() => HTMLIFrameElement | null} */
const frame = () => document.querySelector("iframe.map-console");

// The map --------------------------------------------------------------------------------------------------------

/** @type {Record<string, unknown> | null} */
let pins = null;
let asked = "";

/**
 * Fetches the facilities of the table's filters and sends them to the frame, which has no cookies to fetch them itself.
 */
async function loadPins() {
  const address = document.getElementById("pins-source")?.dataset.pins ?? "";
  if (!address || address === asked || !frame()) return;
  asked = address;
  try {
    const response = await fetch(address, { headers: { Accept: "application/json" } });
    if (!response.ok) throw new Error(`pins: ${response.status}`);
    /** @type {Record<string, unknown>} */
    const found = await response.json();
    if (asked !== address) return; // another filter was chosen in the meantime
    pins = found;
    send({ type: "dots", ...found });
  } catch {
    if (asked === address) asked = "";
  }
}

/** @param {Maps.Message} message */
function send(message) {
  frame()?.contentWindow?.postMessage(message, "*"); // a sandboxed frame has no origin that could be named
}

window.addEventListener("message", (event) => {
  const { data } = event;
  if (event.source !== frame()?.contentWindow || event.origin !== "null" || typeof data !== "object" || data === null) return;
  if (data.type === "ready" && pins) send({ type: "dots", ...pins });
  if (!Number.isSafeInteger(data.id) || data.id < 1) return;
  if (data.type === "select") toRow(data.id);
});

/** @param {string} path */
function goTo(path) {
  location.assign(inLanguage(new URL(path, location.origin)));
}

/**
 * Shows the row of a facility, or its own page if it is on another page of the table.
 * @param {number} id
 */
function toRow(id) {
  const row = document.getElementById(`row-${id}`);
  if (!row) goTo(`/facilities/${id}`);
  else {
    row.scrollIntoView({ block: "center" });
    row.focus({ preventScroll: true });
  }
}

/** @param {number} id */
function show(id) {
  document.getElementById("map")?.scrollIntoView({ block: "nearest" });
  send({ type: "show", id });
}

// Choosing rows --------------------------------------------------------------------------------------------------

const boxes = () => [.../** @type {NodeListOf<HTMLInputElement>} */ (box.querySelectorAll("input[name=pick]"))];

function tellChosen() {
  const all = boxes();
  const chosen = all.filter((one) => one.checked).length;
  for (const one of all) one.closest("tr")?.classList.toggle("is-chosen", one.checked);
  const text = box.querySelector(".picked");
  const said = chosen === 0 ? "" : chosen === 1 ? text?.dataset.one : text?.dataset.many?.replace("{num}", String(chosen));
  if (text) text.textContent = said ?? "";
  /** @type {HTMLDetailsElement | null} */
  const bulk = box.querySelector(".bulk");
  if (bulk && chosen > 0) bulk.open = true;
  /** @type {HTMLInputElement | null} */
  const every = box.querySelector("[data-pick-all] input");
  if (every) {
    every.checked = all.length > 0 && chosen === all.length;
    every.indeterminate = chosen > 0 && chosen < all.length;
  }
}

document.addEventListener("change", ({ target }) => {
  if (!(target instanceof HTMLInputElement)) return;
  if (target.closest("[data-pick-all]")) {
    for (const one of boxes()) one.checked = target.checked;
  }
  if (target.matches("[data-pick-all] input, input[name=pick]")) tellChosen();
  if (target.matches("[data-keys-on]")) keep(target.checked);
});

document.addEventListener("click", (event) => {
  const link = event.target instanceof Element ? event.target.closest("[data-show]") : null;
  if (!link) return;
  event.preventDefault();
  show(Number(link.dataset.show));
});

// Keys -----------------------------------------------------------------------------------------------------------

const OFF = "mapapp-keys-off";

function isOn() {
  try {
    return localStorage.getItem(OFF) === null;
  } catch {
    return true; // no storage: the setting lasts only for this page
  }
}

/** @param {boolean} on */
function keep(on) {
  try {
    if (on) localStorage.removeItem(OFF);
    else localStorage.setItem(OFF, "1");
  } catch {
    // as above
  }
}

/** @type {() => HTMLElement[]} */
const rows = () => [...box.querySelectorAll("tr[data-id]")];
/** @type {() => HTMLElement | null} */
const current = () => document.activeElement?.closest("tr[data-id]") ?? null;

/** The position of the current row; −1 if there is none. */
function placeOf() {
  const row = current();
  return row ? rows().indexOf(row) : -1;
}

/** @param {number} by */
function move(by) {
  const all = rows();
  const at = placeOf();
  const next = all[at < 0 ? (by > 0 ? 0 : all.length - 1) : Math.min(Math.max(at + by, 0), all.length - 1)];
  next?.focus();
}

/** @type {Record<string, () => void>} */
const KEYS = {
  j: () => move(1),
  ArrowDown: () => current() && move(1),
  k: () => move(-1),
  ArrowUp: () => current() && move(-1),
  x: () => current()?.querySelector("input[name=pick]")?.click(),
  c: () => current()?.querySelector("[data-still]")?.click(),
  e: () => current()?.querySelector("[data-edit]")?.click(),
  m: () => current()?.querySelector("[data-show]")?.click(),
  "/": () => document.getElementById("q")?.focus(),
  "?": () => {
    const list = document.getElementById("keys");
    if (!(list instanceof HTMLDetailsElement)) return;
    list.open = !list.open;
    list.querySelector("summary")?.focus();
  },
};

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing || !box.querySelector("#keys")) return;
  const { target } = event;
  if (!isOn()) return;
  if (target instanceof Element && target.closest("input:not([type=checkbox]), select, textarea, [contenteditable]")) return;
  const act = Object.hasOwn(KEYS, event.key) ? KEYS[event.key] : null;
  if (!act || (event.key.startsWith("Arrow") && !current())) return;
  event.preventDefault();
  act();
});

// After each part of the page that htmx swaps in -----------------------------------------------------------------

let rowBefore = 0;
let handled = false;

function ready() {
  for (const part of box.querySelectorAll("[data-pick-all], [data-show], #keys")) {
    if (!part.matches("[data-show]") || frame()) part.hidden = false;
  }
  /** @type {HTMLInputElement | null} */
  const on = box.querySelector("[data-keys-on]");
  if (on) on.checked = isOn();
  tellChosen();
  loadPins();
}

document.addEventListener("htmx:beforeRequest", (event) => {
  handled = event.detail.requestConfig.verb === "post";
  rowBefore = placeOf();
});

document.addEventListener("htmx:afterSwap", () => {
  ready();
  const done = box.querySelector("#did p")?.textContent ?? "";
  const found = box.querySelector("[data-found]")?.dataset.found ?? "";
  if (spoken) spoken.textContent = [done, found].filter(Boolean).join(" ");
  if (!handled) return;
  handled = false;
  const wrong = box.querySelector("[aria-invalid=true], .problem");
  const all = rows();
  if (wrong) wrong.focus();
  else if (all.length && rowBefore >= 0) all[Math.min(rowBefore, all.length - 1)].focus(); // continues with the next row
  else box.querySelector("#did")?.focus();
});

for (const name of /** @type {const} */ (["htmx:responseError", "htmx:sendError", "htmx:timeout"])) {
  document.addEventListener(name, () => {
    if (!spoken) return;
    spoken.classList.remove("visually-hidden");
    spoken.classList.add("notice", "partly");
    spoken.textContent = spoken.dataset.failed ?? "";
  });
}

document.addEventListener("htmx:historyRestore", ready);
document.querySelector(".top nav [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });
ready();
