// Parts of a page that update automatically. An element with data-live="/live/…" gets a notification from there when
// something has changed, and requests itself again by its own hx-get on the trigger "live":
//   <section id="near" data-live="/live/requests" hx-get="/volunteer/nearby" hx-trigger="live" hx-swap="…">
// Without the stream it polls every 15 s instead, and shows until when the content was correct; with an ETag the answer
// is mostly "not modified". In a hidden tab nothing runs. data-live-status names the element that shows the state.

import { BY_ITSELF, asOf, isRight } from "./fresh.js";

const POLL_MS = 15000;
const SOON_MS = 3000; // most broken connections can be restored immediately
const LOOK_MS = 60000; // also with a stream: claims expire without an event
const APART_MS = 2000;
const JITTER_MS = 500;
const AGAIN_MS = 60000;

/** @type {Map<string, string>} */
const etags = new Map();
/** @type {Map<string, Line>} */
const lines = new Map();

/** @param {string} [line] */
const parts = (line) => [...document.querySelectorAll("body [data-live]")].filter((part) => !line || part.dataset.live === line);

/**
 * Whether a person is typing or choosing in it: then it must not be replaced.
 * @param {Element} part
 */
function isBusy(part) {
  const active = document.activeElement;
  if (!active || !part.contains(active)) return false;
  return active.matches("textarea, select, input:not([type=hidden], [type=submit], [type=button])");
}

class Line {
  /** @param {string} address */
  constructor(address) {
    this.address = address;
    /** @type {EventSource | null} */
    this.source = null;
    // Timers.
    this.poll = 0;
    this.look = 0;
    this.again = 0;
    this.due = 0;
    this.last = 0; // time of the last request, in milliseconds
    this.breaks = 0;
  }

  open() {
    if (document.hidden) return;
    clearTimeout(this.again);
    if (!("EventSource" in window)) {
      this.pollInstead();
      return;
    }
    this.source?.close();
    this.source = new EventSource(this.address);
    this.source.onopen = () => {
      clearInterval(this.poll);
      this.poll = 0;
      this.breaks = 0;
      this.state("live");
      this.refresh(); // changes before the stream was open
    };
    this.source.addEventListener("changed", () => this.refresh());
    this.source.addEventListener("again", () => this.open());
    this.source.addEventListener("aside", () => {
      this.breaks = 1; // another page of the same person has taken the stream: reconnecting at once would take it back
      this.pollInstead();
    });
    this.source.onerror = () => this.pollInstead();
    clearInterval(this.look);
    this.look = setInterval(() => this.refresh(), LOOK_MS);
  }

  /** No stream (too many pages, a proxy, no network): poll, and try to reconnect later. */
  pollInstead() {
    this.source?.close();
    this.source = null;
    this.state("polling");
    if (!this.poll) this.poll = setInterval(() => this.refresh(), POLL_MS);
    clearTimeout(this.again);
    const wait = this.breaks ? AGAIN_MS : SOON_MS;
    this.breaks += 1;
    this.again = setTimeout(() => this.open(), wait * (1 + Math.random() / (this.breaks > 1 ? 1 : 3)));
  }

  close() {
    this.source?.close();
    this.source = null;
    clearInterval(this.poll);
    clearInterval(this.look);
    this.poll = 0;
    this.look = 0;
    clearTimeout(this.again);
    clearTimeout(this.due);
    this.due = 0;
  }

  /** @param {"live" | "polling"} word */
  state(word) {
    for (const part of parts(this.address)) part.dataset.liveState = word;
    document.documentElement.dataset.line = word;
    tell();
  }

  /** Requests the parts again: soon, not all pages at the same moment, and at most every two seconds. */
  refresh() {
    if (this.due || document.hidden) return;
    const wait = Math.max(Math.random() * JITTER_MS, this.last + APART_MS - Date.now());
    this.due = setTimeout(() => {
      this.due = 0;
      this.last = Date.now();
      for (const part of parts(this.address)) {
        if (isBusy(part)) part.addEventListener("focusout", () => this.refresh(), { once: true });
        else window.htmx?.trigger(part, "live");
      }
    }, wait);
  }
}

/** Opens a stream for each address on the page, and closes those that are no longer needed. */
function listen() {
  const wanted = new Set(parts().map((part) => part.dataset.live ?? ""));
  for (const [address, line] of lines) {
    if (wanted.has(address)) continue;
    line.close();
    lines.delete(address);
  }
  for (const address of wanted) {
    if (lines.has(address)) continue;
    const line = new Line(address);
    lines.set(address, line);
    line.open();
  }
}

document.addEventListener("visibilitychange", () => {
  for (const line of lines.values()) {
    if (document.hidden) line.close();
    else line.open();
  }
});
window.addEventListener("pagehide", () => lines.forEach((line) => line.close()));
window.addEventListener("pageshow", (event) => event.persisted && lines.forEach((line) => line.open()));

// Unchanged answers are not sent again ----------------------------------------------------------------------------

/** @param {Element} part */
const addressOf = (part) => part.getAttribute("hx-get") ?? "";
/** @param {CustomEvent<Htmx.Answered>} event */
const isOurs = ({ detail }) => detail.elt.matches("[data-live]") && detail.requestConfig.triggeringEvent?.type === "live";

document.addEventListener("htmx:configRequest", (event) => {
  const part = event.detail.elt;
  if (!part.matches("[data-live]") || event.detail.triggeringEvent?.type !== "live") return;
  event.detail.headers[BY_ITSELF] = "1";
  const known = etags.get(addressOf(part));
  if (known) event.detail.headers["If-None-Match"] = known;
});

// What a person requests has priority: automatic requests for the old list are dropped while it runs and after it has
// arrived. Otherwise the answer could find its target replaced.
/** @type {Map<XMLHttpRequest, Element>} */
const asked = new Map();
document.addEventListener("htmx:beforeRequest", (event) => isOurs(event) || asked.set(event.detail.xhr, event.detail.target));
document.addEventListener("htmx:afterRequest", (event) => asked.delete(event.detail.xhr));
/** @param {Element} part */
const isOvertaken = (part) =>
  !part.isConnected || [...asked.values()].some((target) => target.contains(part) || part.contains(target));

document.addEventListener("htmx:beforeSwap", (event) => {
  const { xhr, elt } = event.detail;
  if (!isOurs(event)) return;
  if (isOvertaken(elt)) {
    event.detail.shouldSwap = false;
    return;
  }
  if (xhr.responseURL && new URL(xhr.responseURL).pathname !== new URL(addressOf(elt), location.href).pathname) {
    event.detail.shouldSwap = false; // redirected to sign-in, which is a page of its own
    if (!isBusy(elt)) location.reload();
    return;
  }
  told(elt, "");
  if (xhr.status < 400 && !(xhr.status === 200 && isBusy(elt))) isRight(xhr.getResponseHeader("Date"));
  if (xhr.status === 304 || (xhr.status === 200 && isBusy(elt))) event.detail.shouldSwap = false;
  else if (xhr.status === 200) {
    const tag = xhr.getResponseHeader("ETag");
    if (tag) etags.set(addressOf(elt), tag);
    keepOpen(elt);
  }
});

let problem = "";

/** Texts of the page: without a connection the list stays, with a message; without a stream it shows its age. */
function tell() {
  const status = document.querySelector("[data-live-status]");
  if (!status) return;
  const name = problem || (document.documentElement.dataset.line === "polling" ? "polling" : "");
  const text = ((name && status.dataset[name]) || "").replace("{time}", asOf());
  if (status.textContent !== text) status.textContent = text;
}

/**
 * @param {Element} part
 * @param {string} name
 */
function told(part, name) {
  problem = name;
  part.classList.toggle("is-stale-list", name !== "");
  tell();
}
document.addEventListener("htmx:sendError", (event) => isOurs(event) && told(event.detail.elt, "offline"));
document.addEventListener("htmx:responseError", (event) => {
  if (isOurs(event)) told(event.detail.elt, event.detail.xhr.status === 429 ? "" : "failed");
});

// What a person has opened stays open; htmx itself keeps the focus of elements with an id.
/** @type {string[]} */
let opened = [];
/** @param {Element} part */
function keepOpen(part) {
  opened = [...part.querySelectorAll("details[open][id]")].map((one) => one.id);
}
document.addEventListener("htmx:afterSwap", () => {
  for (const id of opened) {
    const again = document.getElementById(id);
    if (again instanceof HTMLDetailsElement) again.open = true;
  }
  opened = [];
  listen();
  tell();
});

listen();
