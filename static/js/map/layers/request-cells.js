// Open requests by cell: squares with a count, circles if the cell is a whole tambon or more. A page sends the cells of
// its list; on a page without a list they are fetched for the view.

import { config, make, number, say } from "../words.js";
import { define } from "../layer.js";
import { ask, button } from "../stage.js";
import { roomy } from "../popups.js";
import { apart, sizeOf } from "../provinces.js";

const L = window.L;
/** @type {[number, string][]} */
const LEVELS = [[6.49, "province"], [8, "amphoe"], [11, "tambon"], [99, "cell"]]; // up to which zoom
const MOST = 5000;
/** @type {Record<number, string>} */
const COLOURS = { 1: "#a63a06", 2: "#b45309", 3: "#1b5a9e" };

/**
 * The fields of a cell in the API.
 * @typedef {{ key: string, size?: number, requests: number, urgency?: number, needs?: Record<string, number>,
 *   urgencies?: { life?: number, urgent?: number }, area_code?: string }} Counted
 */

/**
 * The highest urgency of the counted requests: 1 life, 2 urgent, 3 can wait.
 * @param {Counted} properties
 */
function urgencyOf(properties) {
  if (properties.urgency !== undefined && Number.isInteger(properties.urgency)) return properties.urgency;
  const { life = 0, urgent = 0 } = properties.urgencies ?? {};
  return life > 0 ? 1 : urgent > 0 ? 2 : 3;
}

/**
 * @param {Maps.Cell} cell
 * @param {boolean} onList
 */
function popup(cell, onList) {
  const box = make("div", { class: "popup" },
    make("strong", {}, say("requests_here", { count: number(cell.count) })),
    make("p", { class: "quiet" }, say(cell.size ? "requests_square" : "requests_area")));
  for (const [kind, count] of Object.entries(cell.needs ?? {})) {
    if (Object.hasOwn(config.texts, `need_${kind}`) && Number.isFinite(count)) box.append(make("p", {}, `${say(`need_${kind}`)}: ${number(count)}`));
  }
  const more = /^\d{2,6}$/.test(cell.area ?? "") ? button(say("requests_more"), { type: "open", path: `/requests?area=${cell.area}` }, "main") : null;
  const on = onList ? button(say("requests_list"), { type: "cell", key: cell.key }, "main") : more;
  if (on) box.append(on);
  return box;
}

/**
 * A square with the size of the cell, or a symbol for an area, and its count as a marker that can be reached by
 * keyboard.
 * @param {Maps.Cell} cell
 * @param {boolean} onList
 * @param {L.Renderer} renderer
 * @param {L.Map} map
 */
function drawn(cell, onList, renderer, map) {
  const colour = COLOURS[cell.urgency] ?? COLOURS[3];
  /** @type {L.Layer[]} */
  const layers = [];
  if (cell.size) {
    const half = cell.size / 200;
    layers.push(L.rectangle([[cell.lat - half, cell.lon - half], [cell.lat + half, cell.lon + half]],
      { renderer, color: colour, weight: 2, fillColor: colour, fillOpacity: 0.18, interactive: false }));
  }
  const text = number(cell.count);
  const side = cell.count < 10 ? 34 : cell.count < 100 ? 40 : 46;
  /** @type {[number, number]} */
  const size = cell.size ? [side, side] : sizeOf(cell.count, map);
  const icon = L.divIcon({ html: make("span", { class: `cluster urgency-${cell.urgency}${cell.size ? "" : " is-area"}` }, text), className: "pin-holder", iconSize: size });
  const marker = L.marker([cell.lat, cell.lon], { icon, keyboard: true, riseOnHover: true });
  const spoken = [say("requests_here", { count: text }), cell.urgency === 1 && say("urgency_life")].filter(Boolean).join(", ");
  marker.on("add", () => marker.getElement()?.setAttribute("aria-label", spoken));
  marker.bindPopup(() => popup(cell, onList), roomy());
  layers.push(marker);
  return layers;
}

/**
 * @param {Partial<Maps.Cell>} told
 * @returns {Maps.Cell | null}
 */
function cellOf({ key, size, lat, lon, count, urgency = 3, needs, area }) {
  if (lat === undefined || lon === undefined || count === undefined) return null;
  if (![lat, lon, count].every(Number.isFinite) || ![0, 1, 2, 4].includes(size ?? 0)) return null;
  return { key: String(key), size: size ?? 0, lat, lon, count, urgency, needs, area };
}

/**
 * Counts of areas that would touch, as one.
 * @param {{ all: Maps.Cell[], count: number }} group
 * @returns {Maps.Cell}
 */
function together({ all, count }) {
  const [first] = all;
  if (all.length === 1) return first;
  /** @type {Record<string, number>} */
  const needs = {};
  for (const one of all) for (const [kind, some] of Object.entries(one.needs ?? {})) needs[kind] = (needs[kind] ?? 0) + some;
  return { ...first, count, needs, urgency: Math.min(...all.map(({ urgency }) => urgency)), area: undefined };
}

class RequestCells {
  /**
   * @param {Maps.Holder} holder
   * @param {import("../stage.js").Stage} stage
   */
  constructor(holder, stage) {
    const { map, notes, legend } = stage;
    this.stage = stage;
    this.map = map;
    this.notes = notes;
    this.own = /** @type {{ cells?: string }} */ (holder.options).cells;
    this.onList = false;
    this.hasFitted = false; // later lists only repaint
    this.asked = "";
    /** @type {Maps.Cell[]} */
    this.counts = [];
    /** @type {string | null} */
    this.base = null;
    this.layer = holder;
    stage.taps.unshift(({ lat, lng }) => {
      if (this.onList) ask({ type: "tap", lat, lon: lng });
      return this.onList;
    });
    this.renderer = L.canvas({ padding: 0.3 });
    map.on("moveend", () => this.refresh());
    /** @type {(urgency: number, name: string) => HTMLElement} */
    const row = (urgency, name) => make("li", {}, make("span", { class: `swatch urgency-${urgency}` }), say(name));
    legend.show(make("div", {}, make("p", {}, say("requests_legend")),
      make("ul", {}, row(1, "urgency_life"), row(2, "urgency_urgent"), row(3, "urgency_normal"))));
  }

  /**
   * The data of the page: the cells of its list, or the address to fetch from.
   * @param {Maps.State} state
   */
  show(state) {
    if (Array.isArray(state.cells)) {
      this.onList = true;
      const cells = state.cells.map(cellOf).filter((cell) => cell !== null).slice(0, MOST);
      this.draw(cells);
      if (cells.length && !this.hasFitted) this.stage.fit(L.latLngBounds(cells.map(({ lat, lon }) => L.latLng(lat, lon))).pad(0.1), 40);
      this.hasFitted ||= cells.length > 0;
      return;
    }
    this.base = this.own !== undefined && state.cells_url === this.own ? this.own : null;
    this.refresh();
  }

  async refresh(again = false) {
    if (this.onList || !this.base) return;
    const zoom = this.map.getZoom();
    const [, level] = LEVELS.find(([upto]) => zoom <= upto) ?? [0, "cell"];
    const query = new URLSearchParams({ level });
    if (level === "cell") query.set("bbox", this.box());
    const address = `${this.base}?${query}`;
    if (address === this.asked && !again) {
      this.regroup(level); // counts of areas lie closer or wider apart now
      return;
    }
    this.asked = address;
    try {
      const response = await fetch(address);
      if (!response.ok) throw new Error(`requests: ${response.status}`);
      /** @type {{ features?: { geometry?: { coordinates?: number[] }, properties: Counted }[] }} */
      const found = await response.json();
      if (this.asked !== address) return;
      this.notes.clear("requests");
      this.counts = (found.features ?? []).map(({ geometry, properties }) => cellOf({
        key: properties.key, size: properties.size, lat: geometry?.coordinates?.[1], lon: geometry?.coordinates?.[0],
        count: properties.requests, urgency: urgencyOf(properties), needs: properties.needs, area: properties.area_code,
      })).filter((cell) => cell !== null);
      this.regroup(level);
    } catch {
      if (this.asked === address) this.notes.tell("requests", say("requests_failed"), () => this.refresh(true));
    }
  }

  /** @param {string} level of the counts */
  regroup(level) {
    this.draw(level === "cell" ? this.counts : apart(this.counts, this.map).map(together));
  }

  /** What is in view, cut to a grid of 0.2°, so that many people ask the same and caches can answer. */
  box() {
    const step = 0.2;
    const view = this.map.getBounds();
    return [Math.floor(view.getWest() / step), Math.floor(view.getSouth() / step), Math.ceil(view.getEast() / step), Math.ceil(view.getNorth() / step)]
      .map((edge) => (edge * step).toFixed(1)).join(",");
  }

  /** @param {Maps.Cell[]} cells */
  draw(cells) {
    if (/** @type {L.Map & Maps.WithPopup} */ (this.map)._popup?.isOpen()) {
      this.map.once("popupclose", () => this.draw(cells)); // not while a finger is on it
      return;
    }
    this.layer.clearLayers();
    for (const cell of cells) drawn(cell, this.onList, this.renderer, this.map).forEach((layer) => layer.addTo(this.layer));
    document.documentElement.dataset.cells = String(cells.length);
  }
}

define("RequestCells", RequestCells);
