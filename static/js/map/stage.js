// What the layers of one map share: messages, the legend, the view, and popups that are accessible by keyboard.

import { config, make, say } from "./words.js";
import * as controls from "./controls.js";

const L = window.L;
const [west, south, east, north] = config.bounds;
const THAILAND = L.latLngBounds([south + 0.1, west + 0.1], [north - 0.1, east - 0.1]);
const GLIDES = 400; // milliseconds; Leaflet's own animation takes 250

/** Keeps popups in view. A popup opened by keyboard gets the focus, and Escape returns it to the pin. */
class Popups {
  /** @param {L.Map} map */
  constructor(map) {
    this.map = map;
    this.isMoving = false;
    /** @type {HTMLElement | null} */
    this.openedFrom = null;
    map.on("movestart", () => { this.isMoving = true; });
    map.on("moveend", () => { this.isMoving = false; });
    map.on("popupopen", ({ popup }) => this.opened(popup));
    map.on("popupclose", ({ popup }) => this.closed(popup));
    map.getContainer().addEventListener("keydown", (event) => {
      if (event.key === "Escape") map.closePopup();
    });
  }

  /**
   * Moves the map if a popup is cut off at the top: its font was loaded late and made it taller, or the map was still
   * moving when it opened. Leaflet checks only once, when it opens.
   * @param {L.Popup} popup
   */
  makeRoom(popup) {
    if (this.isMoving) {
      this.map.once("moveend", () => this.makeRoom(popup)); // on a slow phone Leaflet's own animation takes longer
      return;
    }
    const top = popup.getElement()?.getBoundingClientRect().top ?? 0;
    if (popup.isOpen() && top < 0) this.map.panBy([0, top - 8]);
  }

  /** @param {L.Popup} popup */
  opened(popup) {
    setTimeout(() => document.fonts.ready.then(() => this.makeRoom(popup)), GLIDES);
    const element = popup.getElement();
    const closing = element?.querySelector(".leaflet-popup-close-button");
    closing?.setAttribute("aria-label", say("close"));
    closing?.setAttribute("href", `#${this.map.getContainer().id}`); // Leaflet's own "#close" does not exist
    this.openedFrom = document.activeElement?.closest(".pin-holder") ?? null;
    if (this.openedFrom) element?.querySelector(".popup button, .popup a")?.focus({ preventScroll: true });
  }

  /** @param {L.Popup} popup */
  closed(popup) {
    const inside = popup.getElement()?.contains(document.activeElement);
    if (inside) (this.openedFrom?.isConnected ? this.openedFrom : this.map.getContainer()).focus({ preventScroll: true });
  }
}

export class Stage {
  /** @param {L.Map} map */
  constructor(map) {
    this.map = map;
    this.notes = new controls.Notes(map);
    this.legend = new controls.Legend(map);
    /** @type {Maps.Filled[]} The layers of this map, in its order. */
    this.layers = [];
    /** @type {((latlng: L.LatLng) => boolean)[]} Who answers a tap; the first that says so has it. */
    this.taps = [];
    /** @type {Maps.Painted | null} The figures that are painted now. */
    this.painted = null;
    /** @type {Record<string, GeoJSON.FeatureCollection>} Boundaries by level, where they came as data. */
    this.shapes = {};
    /** @type {Set<Protomaps.Layer>} */
    this.tiled = new Set();
    this.busy = new Map();
    this.saying = 0; // the timer until "loading" is shown
    map.getContainer().setAttribute("role", "application");
    map.getContainer().setAttribute("aria-label", say("map"));
    map.on("click", ({ latlng }) => L.mapapp.measuring || this.taps.some((answers) => answers(latlng)));
    controls.nameSwitch(map);
    controls.watchRasters(map, this.notes);
    new Popups(map);
    const { center, zoom } = map.options;
    if (center && map.getCenter().equals(center) && map.getZoom() === zoom) this.fit(THAILAND); // no other view was requested
  }

  /**
   * The pane of this name, created if it does not exist. Vector tiles are pictures: clicks go through to the map.
   * @param {string} name
   * @param {number} order
   */
  pane(name, order) {
    if (!this.map.getPane(name)) Object.assign(this.map.createPane(name).style, { zIndex: String(order), pointerEvents: "none" });
    return name;
  }

  /**
   * Moves the map so that its content is beside the buttons at the left edge, not below them.
   * @type {Maps.Fit}
   */
  fit(bounds, padding = 8) {
    const room = Math.max(padding, Math.min(60, this.map.getSize().x / 5));
    this.map.fitBounds(bounds, { paddingTopLeft: [room, padding], paddingBottomRight: [padding, padding], maxZoom: 15, animate: false });
  }

  /**
   * The loading state of one layer; "loading" is shown only if it takes a while.
   * @param {string} name
   * @returns {Maps.OnTiles}
   */
  tileState(name) {
    return ({ waiting, failed }) => {
      if (failed) this.notes.tell("tiles", say("failed"), () => this.redraw());
      if (waiting !== undefined) this.busy.set(name, waiting);
      const loading = [...this.busy.values()].some((count) => count > 0);
      clearTimeout(this.saying);
      if (!loading) this.notes.clear("loading");
      else this.saying = window.setTimeout(() => this.notes.tell("loading", say("loading")), 700);
      document.documentElement.dataset.tiles = loading ? "loading" : "ready";
    };
  }

  redraw() {
    for (const layer of this.tiled) if (this.map.hasLayer(layer)) layer.rerenderTiles();
  }
}

/** @type {WeakMap<L.Map, Stage>} */
const stages = new WeakMap();

/** @param {L.Map} map */
export function stageOf(map) {
  const known = stages.get(map);
  if (known) return known;
  const made = new Stage(map);
  stages.set(map, made);
  return made;
}

/**
 * A button of a popup that asks the page for something; null if there is no page.
 * @param {string} text
 * @param {Maps.Message} message
 */
export function button(text, message, style = "") {
  return L.mapapp.framed ? make("button", { type: "button", class: style, onclick: () => ask(message) }, text) : null;
}

/** @param {Maps.Message} message */
export function ask(message) {
  if (L.mapapp.framed && window.parent !== window) window.parent.postMessage(message, "*");
}

/**
 * Popups keep clear of the buttons at the left edge, also on the narrowest phone.
 * @returns {L.PopupOptions}
 */
export function roomy() {
  const width = Math.min(280, window.innerWidth - 116);
  return { minWidth: Math.min(200, width), maxWidth: width, autoPanPaddingTopLeft: [64, 8], autoPanPaddingBottomRight: [8, 8] };
}
