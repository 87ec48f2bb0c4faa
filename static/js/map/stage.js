// What the layers of one map share: messages, the legend, the view, and popups that are accessible by keyboard.

import { config, make, say } from "./words.js";
import * as controls from "./controls.js";
import { View } from "./frame.js";
import { Popups } from "./popups.js";
import { onPaper } from "./paper.js";

const L = window.L;
const [west, south, east, north] = config.bounds;
const THAILAND = L.latLngBounds([south + 0.1, west + 0.1], [north - 0.1, east - 0.1]); // the box has a margin

export class Stage {
  /** @param {L.Map} map */
  constructor(map) {
    this.map = map;
    this.notes = new controls.Notes(map);
    this.view = new View(map);
    this.legend = new controls.Legend(map, () => this.view.again());
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
    map.on("locationerror", ({ code }) => this.notes.tell("locate", say(code === 1 ? "locate_denied" : "locate_failed")));
    map.on("locationfound", () => this.notes.clear("locate"));
    controls.watchRasters(map, this.notes);
    new Popups(map);
    onPaper(this.legend);
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
   * Moves the map; what is shown lies beside what stands at its edges, not under it.
   * @type {Maps.Fit}
   */
  fit(bounds, padding = 8) {
    this.view.fit(bounds, padding);
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
