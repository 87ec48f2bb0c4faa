// The page's side of the map frame. The frame is sandboxed; every message from it is checked before it is used.

import { inLanguage, locale } from "./language.js";
import { enlarge } from "./map-large.js";
import "./map-print.js";

/** @type {() => HTMLIFrameElement[]} */
const frames = () => [.../** @type {NodeListOf<HTMLIFrameElement>} */ (document.querySelectorAll("iframe.map"))];

/**
 * @param {unknown} lat
 * @param {unknown} lon
 */
function isPlace(lat, lon) {
  return typeof lat === "number" && typeof lon === "number" && Number.isFinite(lat) && Number.isFinite(lon) && Math.abs(lat) <= 90 && Math.abs(lon) <= 180;
}

/** @param {string} text */
function stateOf(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/**
 * Sends a frame its state: the newest one of the page (after an htmx swap), otherwise the initial one.
 * @param {HTMLIFrameElement} frame
 */
function sendState(frame) {
  const newest = document.querySelector("#map-state[data-state]");
  const state = stateOf((newest ?? frame).dataset.state ?? "");
  if (state) frame.contentWindow?.postMessage({ type: "state", state }, "*"); // it has no origin, and the state is public
}

/**
 * Puts a location into the page's field for it, or into its search form and submits that; otherwise opens the search
 * page with it.
 * @param {number} lat
 * @param {number} lon
 */
function ask(lat, lon) {
  /** @type {HTMLInputElement | null} */
  const field = document.querySelector("input[data-pick]");
  if (field) {
    field.value = `${lat.toFixed(6)}, ${lon.toFixed(6)}`;
    field.dispatchEvent(new Event("change", { bubbles: true })); // its tambon is looked up, and the map is updated
    return;
  }
  /** @type {HTMLFormElement | null} */
  const form = document.querySelector("form[data-nearest]");
  // Addresses are written to logs: if a grid square is enough, only its centre is sent.
  const perDegree = Number(form?.dataset.coarse || 0); // the size of the grid, see cells.py
  /** @type {(degrees: number) => string} */
  const middle = (degrees) => ((Math.floor(degrees * perDegree) + 0.5) / perDegree).toFixed(3);
  /** @type {(degrees: number) => string} */
  const text = perDegree ? middle : (degrees) => degrees.toFixed(6);
  const values = { lat: text(lat), lon: text(lon) };
  if (!form) {
    goTo(`/nearest?${new URLSearchParams(values)}`);
    return;
  }
  for (const [name, value] of Object.entries(values)) {
    let input = form.elements.namedItem(name);
    if (!(input instanceof HTMLInputElement)) {
      input = Object.assign(document.createElement("input"), { type: "hidden", name, value });
      form.append(input);
    } else {
      input.value = value;
    }
  }
  const place = form.elements.namedItem("place");
  if (place instanceof HTMLInputElement) place.value = "";
  form.requestSubmit();
}

/** @param {string} path */
function goTo(path) {
  const address = new URL(path, location.origin);
  if (address.origin !== location.origin) return;
  location.assign(inLanguage(address));
}

/**
 * A location that the browser knows less exactly than this, in metres, is not put into a form: help would go to the
 * wrong place.
 */
const EXACT_M = 500;

/**
 * The text about a location that is known only roughly: "± 40 km", in the page's language.
 * @param {string} text
 * @param {number} accuracy
 */
function saidRoughly(text, accuracy) {
  const km = new Intl.NumberFormat(locale, { maximumFractionDigits: accuracy < 10000 ? 1 : 0 });
  return text.replace("{km}", km.format(accuracy / 1000));
}

/**
 * Asks the browser for the person's location; only called after a tap.
 * @param {(lat: number, lon: number, accuracy: number) => void} onFound
 * @param {(text: string) => void} onFailed
 */
function locate(onFound, onFailed) {
  const texts = frames()[0]?.dataset ?? document.querySelector("[data-locate]")?.dataset ?? {};
  if (!navigator.geolocation) {
    onFailed(texts.locateFailed ?? "");
    return;
  }
  navigator.geolocation.getCurrentPosition(
    ({ coords }) => onFound(coords.latitude, coords.longitude, coords.accuracy),
    (error) => onFailed((error.code === error.PERMISSION_DENIED ? texts.locateDenied : texts.locateFailed) ?? ""),
    { enableHighAccuracy: true, timeout: 15000, maximumAge: 60000 },
  );
}

/** The way to a place, by the programs that a map's popup offers. @type {Record<string, string>} */
const WAYS = {
  google: "https://www.google.com/maps/dir/?api=1&destination=",
  apple: "https://maps.apple.com/?daddr=",
  osm: "https://www.openstreetmap.org/directions?to=",
  geo: "",
};

/** From this width on list and map stand side by side, as in site.css. */
const SIDE_BY_SIDE = window.matchMedia("(min-width: 60rem)");

/** @param {unknown} id */
const entryOf = (id) => (Number.isInteger(id) ? document.querySelector(`#results [data-facility="${id}"]`) : null);

/** @param {HTMLElement} entry */
function markEntry(entry) {
  for (const one of document.querySelectorAll("#results [aria-current]")) one.removeAttribute("aria-current");
  entry.setAttribute("aria-current", "true");
}

/**
 * A pin of the map was opened: its entry in the list is marked and brought into view. Where the map lies below the
 * list, that would take the map away from under the finger; there the popup's button leads to the entry.
 * @param {unknown} id
 * @param {boolean} goes
 */
function showEntry(id, goes) {
  const entry = entryOf(id);
  if (!entry) return;
  markEntry(entry);
  if (goes || SIDE_BY_SIDE.matches) entry.scrollIntoView({ block: "center" });
  if (goes) entry.querySelector("h3 a")?.focus({ preventScroll: true });
}

/**
 * An entry of the list was chosen: its pin is marked and in view; with `opens` the map comes into view with its popup.
 * @param {HTMLElement} entry
 * @param {boolean} opens
 */
function showPin(entry, opens) {
  markEntry(entry);
  for (const frame of frames()) {
    if (opens) frame.scrollIntoView({ block: "nearest" });
    frame.contentWindow?.postMessage({ type: "choose", id: Number(entry.dataset.facility), opens }, "*");
    if (opens) frame.focus({ preventScroll: true });
  }
}

for (const type of ["focusin", "click"]) {
  document.addEventListener(type, (event) => {
    const at = event.target instanceof Element ? event.target : null;
    const entry = at?.closest("#results [data-facility]");
    const opens = type === "click" && Boolean(at?.closest("[data-on-map]"));
    if (entry && (opens || entry.getAttribute("aria-current") !== "true")) showPin(entry, opens);
  });
}

/** @type {Record<string, (frame: HTMLIFrameElement, message: Maps.Message) => void>} */
const ACTIONS = {
  ready: (frame) => sendState(frame),
  chosen: (_frame, { id, goes }) => showEntry(id, goes === true),
  tap: (_frame, { lat, lon }) => isPlace(lat, lon) && ask(Number(lat), Number(lon)),
  open: (_frame, { path }) => {
    if (typeof path === "string" && /^\/(areas\/\d{2,6}(\?stale=[01])?|facilities\/\d+|coverage(\/one-more)?(\?[\w=&.%-]*)?|requests\?area=\d{2,6})$/.test(path)) goTo(path);
  },
  directions: (_frame, { app, lat, lon }) => {
    if (!isPlace(lat, lon) || typeof app !== "string" || !Object.hasOwn(WAYS, app)) return;
    if (app === "geo") location.assign(`geo:${lat},${lon}?q=${lat},${lon}`); // Android's own choice of map programs
    else window.open(`${WAYS[app]}${lat}%2C${lon}`, "_blank", "noopener,noreferrer");
  },
  call: (_frame, { phone }) => {
    if (typeof phone === "string" && /^\+?\d{3,15}(,\d{1,6})?$/.test(phone)) location.assign(`tel:${phone}`);
  },
  enlarge: (frame, { on }) => enlarge(frame, on === true),
  locate: (frame) => locate(
    (lat, lon, accuracy) => frame.contentWindow?.postMessage({ type: "located", lat, lon, accuracy }, "*"),
    (text) => frame.contentWindow?.postMessage({ type: "locate-failed", text }, "*"),
  ),
};

window.addEventListener("message", (event) => {
  const frame = frames().find((candidate) => candidate.contentWindow === event.source);
  if (!frame || event.origin !== "null" || typeof event.data !== "object" || event.data === null) return;
  if (Object.hasOwn(ACTIONS, event.data.type)) ACTIONS[event.data.type](frame, event.data);
});

/** "My location" and "on the map" buttons of the page. They are hidden if there are no scripts. */
function readyButtons() {
  for (const button of document.querySelectorAll("[data-locate], [data-on-map]")) button.hidden = false;
}

document.addEventListener("click", (event) => {
  const button = event.target instanceof Element ? event.target.closest("[data-locate]") : null;
  if (!button) return;
  let status = document.querySelector("[data-locate-status]");
  if (!status) {
    status = Object.assign(document.createElement("p"), { className: "muted" });
    status.setAttribute("role", "status");
    status.setAttribute("data-locate-status", "");
    button.after(status);
  }
  const texts = frames()[0]?.dataset ?? button.dataset;
  status.textContent = texts.locating ?? "";
  button.setAttribute("aria-busy", "true");
  /** @param {string} text */
  const done = (text) => {
    button.removeAttribute("aria-busy");
    status.textContent = text;
  };
  locate((lat, lon, accuracy) => {
    const rough = !(accuracy <= EXACT_M);
    done(rough ? saidRoughly(button.dataset.locateRough ?? "", accuracy) : "");
    if (!rough || !document.querySelector("input[data-pick]")) ask(lat, lon);
  }, done);
});

for (const name of ["htmx:afterSwap", "htmx:historyRestore"]) {
  document.addEventListener(name, () => {
    readyButtons();
    if (document.querySelector("#map-state[data-state]")) frames().forEach(sendState);
  });
}

/** On a phone the answer begins below the form: without this nothing seems to happen. Who taps the map looks at the map. */
document.addEventListener("htmx:afterSwap", () => {
  const results = document.querySelector("form[data-nearest] ~ #results");
  if (!results || SIDE_BY_SIDE.matches || document.activeElement instanceof HTMLIFrameElement) return;
  if (results.getBoundingClientRect().top > window.innerHeight / 2) results.scrollIntoView({ block: "start" });
});

readyButtons();
// A frame that was ready before this script ran sends its message again.
for (const frame of frames()) frame.contentWindow?.postMessage({ type: "hello" }, "*");
