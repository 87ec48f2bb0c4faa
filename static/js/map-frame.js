// The map inside its frame. Folium has made an empty Leaflet map; here it gets boundaries, pins and figures.

import { config, make, nameOf, say } from "./map/words.js";
import { on, post } from "./map/parent.js";
import { boundaries, choropleth, ground, pick } from "./map/tiles.js";
import { Figures } from "./map/figures.js";
import { Picker } from "./map/pick.js";
import { button, Facilities, pin, roomy } from "./map/pins.js";
import * as controls from "./map/controls.js";

const L = window.L;
const map = window.map_frame; // folium's variable
const SMALL_TO_LARGE = ["tambon", "amphoe", "province"];
const [west, south, east, north] = config.bounds;
const THAILAND = L.latLngBounds([south + 0.1, west + 0.1], [north - 0.1, east - 0.1]);

map.getContainer().setAttribute("role", "application");
map.getContainer().setAttribute("aria-label", say("map"));
// Vector tiles are pictures here: a click goes through them to the map.
for (const [name, order] of Object.entries({ ground: "150", figures: "250", boundaries: "260" })) {
  Object.assign(map.createPane(name).style, { zIndex: order, pointerEvents: "none" });
}

const notes = new controls.Notes(map);
const legend = new controls.Legend(map);
const figures = new Figures();
const answer = L.featureGroup().addTo(map);
const busy = new Map();

let saying = 0; // the timer until "loading" is said

/**
 * How the tiles of one layer are getting on; "loading" is said only where it takes a while.
 * @param {string} name
 * @returns {Maps.OnTiles}
 */
function tileState(name) {
  return ({ waiting, failed }) => {
    if (failed) notes.tell("tiles", say("failed"), redraw);
    if (waiting !== undefined) busy.set(name, waiting);
    const loading = [...busy.values()].some((count) => count > 0);
    clearTimeout(saying);
    if (!loading) notes.clear("loading");
    else saying = setTimeout(() => notes.tell("loading", say("loading")), 700);
    document.documentElement.dataset.tiles = loading ? "loading" : "ready";
  };
}

function redraw() {
  for (const layer of [land, lines, painted]) if (layer && map.hasLayer(layer)) layer.rerenderTiles();
}

/** @type {Protomaps.Layer | null} */
let painted = null;
const lines = boundaries(tileState("boundaries"));
const land = ground(lines);
const background = controls.raster(map, notes);
const pinsFrom = ["coverage", "area"].includes(config.view) ? 9 : 0; // a choropleth is not to vanish under clusters
const facilities = new Facilities(map, notes, { from: pinsFrom });
const place = controls.locate(map, notes);
const picker = config.view === "pick" ? new Picker(map) : null;
/** @type {L.Control.LayersObject} */
const overlays = { [say("layer_boundaries")]: lines, [say("layer_facilities")]: facilities.layer };
if (background) overlays[say("layer_raster")] = background;
const switcher = controls.layers(map, overlays);

/** Later states only repaint; the first one (and a new place) moves the map. */
const shown = { fit: "", features: "" };
/** @type {import("./map/requests.js").Requests | null} */
let requests = null; // squares with open requests, on the view that shows them

/** @type {Maps.Fit} */
function fit(bounds, padding = 8) {
  // What is shown lies beside the buttons at the left edge, not under them.
  const room = Math.max(padding, Math.min(60, map.getSize().x / 5));
  map.fitBounds(bounds, { paddingTopLeft: [room, padding], paddingBottomRight: [padding, padding], maxZoom: 15, animate: false });
}

/**
 * @param {Maps.State["bounds"]} box
 * @returns {box is [number, number, number, number]}
 */
function validBounds(box) {
  return Array.isArray(box) && box.length === 4 && box.every(Number.isFinite) && box[0] < box[2] && box[1] < box[3];
}

/** @param {Maps.State} state */
function showAnswer(state) {
  const features = Array.isArray(state.features?.features) ? state.features.features : [];
  const key = JSON.stringify([state.origin ?? null, features]);
  if (key === shown.features) return;
  shown.features = key;
  map.closePopup();
  answer.clearLayers();
  const numbered = config.view === "nearest";
  features.slice(0, 200).forEach((feature, i) => pin(feature, numbered ? i + 1 : null)?.addTo(answer));
  const [lon, lat] = Array.isArray(state.origin) ? state.origin : [];
  if (Number.isFinite(lat) && Number.isFinite(lon)) controls.origin([lat, lon], say("asked")).addTo(answer);
  if (answer.getLayers().length) {
    shown.fit = key;
    fit(answer.getBounds(), 40);
  }
}

let areaAsked = ""; // what the page's address says of places nobody has confirmed lately; the page of an area follows it

/** @param {Maps.State} state */
async function showFigures(state) {
  areaAsked = state.stale === 0 || state.stale === 1 ? `?stale=${state.stale}` : "";
  const { level, within = "", metric_label: title = "" } = state;
  const url = typeof state.values_url === "string" && /^\/api\/v1\/[\w/-]+(\?|$)/.test(state.values_url) ? state.values_url : null;
  if (level === undefined || !SMALL_TO_LARGE.includes(level) || !url) return;
  if (painted?.level !== level) {
    if (painted) {
      switcher.removeLayer(painted);
      painted.remove();
    }
    figures.clear();
    painted = choropleth(level, figures, tileState("figures")).addTo(map);
    switcher.addOverlay(painted, say("layer_figures"));
  }
  notes.clear("figures");
  const slow = setTimeout(() => notes.tell("figures", say("figures_loading")), 500);
  try {
    if (!(await figures.load(url, within ?? ""))) return;
    notes.clear("figures");
    if (figures.values?.size === 0) notes.tell("figures", say("no_figures"));
    legend.show(figures.legend(String(title ?? "")));
    map.closePopup();
    painted?.rerenderTiles();
    document.documentElement.dataset.figures = url;
  } catch {
    if (figures.url === url) notes.tell("figures", say("figures_failed"), () => showFigures(state));
  } finally {
    clearTimeout(slow);
  }
}

on("state", (message) => {
  if (typeof message.state !== "object" || message.state === null) return;
  const state = /** @type {Maps.State} */ (message.state);
  showAnswer(state);
  picker?.show(state.pick);
  const cells = requests?.show(state);
  if (cells && shown.fit !== "cells") {
    shown.fit = "cells"; // later lists only repaint
    fit(cells.pad(0.1), 40);
  }
  const key = JSON.stringify(state.bounds ?? null);
  if (validBounds(state.bounds) && key !== shown.fit) {
    shown.fit = key;
    fit([[state.bounds[1], state.bounds[0]], [state.bounds[3], state.bounds[2]]]);
  }
  const asked = typeof state.values_url === "string" ? new URL(state.values_url, "http://x").searchParams.get("kind") : "";
  facilities.show(state.kind ?? asked ?? "");
  showFigures(state);
  document.documentElement.dataset.state = "shown"; // the view is the page's now, and stays until a person moves it
});
on("hello", () => post({ type: "ready" }));
on("located", (message) => place.found(message));
on("locate-failed", ({ text }) => place.failed(String(text ?? "")));

/**
 * Which area lies here, what is known of it, and where to go on.
 * @param {L.LatLng} latlng
 */
async function tellArea(latlng) {
  const layer = painted ?? lines;
  const code = pick(layer, latlng, painted?.level ? [painted.level] : SMALL_TO_LARGE);
  if (!code || (painted && figures.colour(code) === undefined)) return;
  const name = make("strong", {}, code);
  const level = code.length === 2 ? "province" : code.length === 4 ? "amphoe" : "tambon";
  const box = make("div", { class: "popup" }, name, make("p", { class: "quiet" }, say(level)));
  if (painted) {
    const value = figures.values?.get(code);
    box.append(make("p", { class: "figure" }, value === undefined ? say("no_data") : figures.tell(value)));
    choose(code);
  }
  box.append(
    button(say("area_page"), { type: "open", path: `/areas/${code}${areaAsked}` }, "main"),
    button(say("nearest_here"), { type: "tap", lat: latlng.lat, lon: latlng.lng }));
  const popup = L.popup(roomy()).setLatLng(latlng).setContent(box).openOn(map);
  try {
    const response = await fetch(`${config.areas}/${code}?geometry=none`);
    /** @type {Maps.Properties & { properties?: Maps.Properties }} */
    const found = response.ok ? await response.json() : {};
    name.textContent = nameOf(found.properties ?? found) || code;
    popup.update();
  } catch {
    // The code stays; the page of the area has the name.
  }
}

/** @param {string | null} code */
function choose(code) {
  figures.chosen = code;
  painted?.rerenderTiles();
}

map.on("click", ({ latlng }) => {
  if (picker) return; // a tap there sets the pin
  if (config.view === "nearest" || requests?.onList) post({ type: "tap", lat: latlng.lat, lon: latlng.lng });
  else tellArea(latlng);
});
// A popup that stands out at the top after all: its letters came late and made it taller, or the map still glided to
// another one when it opened. Leaflet looks only once, when it opens.
let isMoving = false;
map.on("movestart", () => (isMoving = true));
map.on("moveend", () => (isMoving = false));
/** @param {L.Popup} popup */
function makeRoom(popup) {
  if (isMoving) {
    map.once("moveend", () => makeRoom(popup)); // on a slow phone Leaflet's own gliding takes longer
    return;
  }
  const top = popup.getElement()?.getBoundingClientRect().top ?? 0;
  if (popup.isOpen() && top < 0) map.panBy([0, top - 8]);
}
const GLIDES = 400; // milliseconds; Leaflet's own gliding takes 250

// Whoever opens a pin by keyboard is led into its popup, and by Escape back to the pin.
/** @type {HTMLElement | null} */
let openedFrom = null;
map.on("popupopen", ({ popup }) => {
  setTimeout(() => document.fonts.ready.then(() => makeRoom(popup)), GLIDES);
  const element = popup.getElement();
  const closing = element?.querySelector(".leaflet-popup-close-button");
  closing?.setAttribute("aria-label", say("close"));
  closing?.setAttribute("href", `#${map.getContainer().id}`); // Leaflet's own "#close" is nowhere
  openedFrom = document.activeElement?.closest(".pin-holder") ?? null;
  if (openedFrom) element?.querySelector(".popup button")?.focus({ preventScroll: true });
});
map.on("popupclose", ({ popup }) => {
  const inside = popup.getElement()?.contains(document.activeElement);
  if (inside) (openedFrom?.isConnected ? openedFrom : map.getContainer()).focus({ preventScroll: true });
  if (figures.chosen) choose(null);
});
map.getContainer().addEventListener("keydown", (event) => {
  if (event.key === "Escape") map.closePopup();
});

fit(THAILAND);
land.addTo(map);
background?.addTo(map);
lines.addTo(map);
if (config.view === "console") import("./map/console.js").then(({ table }) => {
  table(map, fit);
  post({ type: "ready" });
});
if (config.view === "requests") import("./map/requests.js").then(({ Requests }) => {
  requests = new Requests(map, notes, legend);
  post({ type: "ready" });
});
if (!["nearest", "facility", "console", "requests"].includes(config.view)) facilities.layer.addTo(map);
post({ type: "ready" });
