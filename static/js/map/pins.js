// Facilities as pins and clusters, fetched for what is in view, and their popups.

import { config, day, distance, make, nameOf, number, say } from "./words.js";
import { drawn, kindOf } from "./shapes.js";
import { post } from "./parent.js";

const L = window.L;

/**
 * The state a pin shows, as a style class and as words. Never by colour alone: fill, outline and bar differ too.
 * @param {Maps.Properties} properties
 * @returns {string}
 */
function stateOf(properties) {
  if (properties.status === "full") return "full";
  if (properties.status === "closed" || properties.open?.reason === "temporarily_closed") return properties.status ?? "closed";
  const open = properties.open?.is_open;
  if (open === true) return "open";
  return open === false ? "closed_now" : "hours_unknown";
}

/** @param {Maps.Feature | undefined} feature */
function positionOf(feature) {
  const [lon, lat] = feature?.geometry?.coordinates ?? [];
  return Number.isFinite(lat) && Number.isFinite(lon) ? L.latLng(lat, lon) : null;
}

/**
 * A marker that can be reached by keyboard and says aloud what it is.
 * @param {L.LatLng} position
 * @param {HTMLElement} element
 * @param {string} spoken
 * @param {number} size
 */
function marker(position, element, spoken, size) {
  const icon = L.divIcon({ html: element, className: "pin-holder", iconSize: [size, size] });
  const made = L.marker(position, { icon, keyboard: true, riseOnHover: true });
  made.on("add", () => made.getElement()?.setAttribute("aria-label", spoken));
  return made;
}

/**
 * One facility. `place` is its number in the answer list, where there is one.
 * @param {Maps.Feature} feature
 * @param {number | null} place
 */
export function pin(feature, place = null) {
  const position = positionOf(feature);
  if (!position) return null;
  const properties = feature.properties ?? {};
  const state = stateOf(properties);
  const element = make("span", { class: `pin is-${state}${properties.is_stale === true ? " is-stale" : ""}` }, drawn(properties.kind));
  if (place !== null) element.append(make("b", {}, String(place)));
  const spoken = [place, nameOf(properties), kindOf(properties.kind)?.label ?? "", say(state), ...warnings(properties)].filter(Boolean).join(", ");
  const made = marker(position, element, spoken, 32);
  made.bindPopup(() => popup(properties, position, feature.id ?? properties.id), roomy());
  return made;
}

/**
 * Why this pin may not be true any more, in words: the dimming alone says nothing to a screen reader.
 * @param {Maps.Properties} properties
 */
function warnings(properties) {
  return [properties.is_stale === true ? say("stale") : "", properties.doubtful_at ? say("doubtful") : ""].filter(Boolean);
}

/**
 * A count of what is free and the day it was counted.
 * @param {Maps.Properties} properties
 * @param {string} name
 */
function free(properties, name) {
  const facts = /** @type {Record<string, unknown>} */ (properties);
  const count = facts[name];
  if (typeof count !== "number" || !Number.isInteger(count)) return "";
  const at = facts[config.counts[name] ?? ""];
  return typeof at === "string" && at ? say(name, { count: number(count), day: day(at) }) : say(`${name}_undated`, { count: number(count) });
}

/**
 * Of when a pin is and who stands for it: the one sentence that the pages say, too.
 * @param {Maps.Properties} properties
 */
function ofWhen({ confirmed_by: by, confirmed_at: at, verified_at: verified }) {
  if (by === "person") return say("by_person", { when: day(verified) });
  if (by !== "list") return say("by_nobody");
  return verified ? say("by_list_since", { day: day(at), when: day(verified) }) : say("by_list", { day: day(at) });
}

/**
 * What a popup says and offers. All of it is text; nothing that came with the data is parsed.
 * @param {Maps.Properties} properties
 * @param {L.LatLng} position
 * @param {number | undefined} id
 */
function popup(properties, position, id) {
  const state = stateOf(properties);
  const facts = make("div", { class: "popup" },
    make("strong", {}, nameOf(properties)),
    make("p", {}, kindOf(properties.kind)?.label ?? ""),
    make("p", { class: `state is-${state}` }, say(state)));
  for (const text of warnings(properties)) facts.append(make("p", { class: "warning" }, text));
  if (properties.status === "temporarily_closed" && Date.parse(properties.closed_from ?? "") > Date.now()) {
    facts.append(make("p", {}, say("closes", { day: day(properties.closed_from) })));
  }
  if (properties.status !== "open" && properties.closed_reason) facts.append(make("p", {}, String(properties.closed_reason)));
  for (const text of Object.keys(config.counts).map((name) => free(properties, name))) {
    if (text) facts.append(make("p", {}, text));
  }
  if (properties.is_example === true) facts.append(make("p", { class: "quiet" }, say("example")));
  if (properties.distance_m !== undefined && Number.isFinite(properties.distance_m)) {
    facts.append(make("p", {}, say("distance", { distance: distance(properties.distance_m) })));
  }
  facts.append(make("p", { class: "quiet" }, ofWhen(properties)));
  const phone = typeof properties.phone === "string" ? properties.phone.replace(/[^\d+]/g, "") : "";
  if (phone) facts.append(button(say("call", { phone: properties.phone }), { type: "call", phone }, "main"));
  facts.append(button(say("directions"), { type: "directions", lat: position.lat, lon: position.lng }));
  if (Number.isInteger(id)) facts.append(button(say("more"), { type: "open", path: `/facilities/${id}` }));
  return facts;
}

/**
 * @param {string} text
 * @param {Maps.Message} message
 */
export function button(text, message, style = "") {
  return make("button", { type: "button", class: style, onclick: () => post(message) }, text);
}

/**
 * Popups keep clear of the buttons at the left edge, on the narrowest phone too.
 * @returns {L.PopupOptions}
 */
export function roomy() {
  const width = Math.min(280, window.innerWidth - 116);
  return { minWidth: Math.min(200, width), maxWidth: width, autoPanPaddingTopLeft: [64, 8], autoPanPaddingBottomRight: [8, 8] };
}

/**
 * @param {Maps.Feature} feature
 * @param {L.Map} map
 */
function cluster(feature, map) {
  const position = positionOf(feature);
  const count = feature.properties?.count;
  if (!position || count === undefined || !Number.isFinite(count)) return null;
  const size = count < 10 ? 34 : count < 100 ? 40 : 46;
  const text = number(count);
  const made = marker(position, make("span", { class: "cluster" }, text), say("cluster", { count: text }), size);
  const enter = () => map.setView(position, Math.min(map.getZoom() + 2, map.getMaxZoom()));
  made.on("click", enter);
  made.on("keypress", (event) => /** @type {L.LeafletKeyboardEvent} */ (event).originalEvent.key === "Enter" && enter());
  return made;
}

/** Facilities in view. The box asked for is cut to a grid, so that many people ask the same and caches can answer. */
export class Facilities {
  /**
   * @param {L.Map} map
   * @param {import("./controls.js").Notes} notes
   */
  constructor(map, notes, { from = 0 } = {}) {
    this.map = map;
    this.notes = notes;
    this.from = from;
    this.kind = "";
    this.asked = "";
    this.layer = L.layerGroup();
    map.on("moveend", () => this.refresh());
    this.layer.on("add", () => this.refresh());
    this.layer.on("remove", () => { this.asked = ""; });
  }

  /** @param {string} kind */
  show(kind) {
    this.kind = kindOf(kind) ? kind : "";
    this.refresh();
  }

  address() {
    const zoom = Math.round(this.map.getZoom());
    const step = 360 / 2 ** Math.max(zoom - 1, 0); // the width of a tile of 512 pixels, in degrees
    const view = this.map.getBounds();
    const [west, south, east, north] = config.bounds;
    const box = [
      Math.max(west, Math.floor(view.getWest() / step) * step), Math.max(south, Math.floor(view.getSouth() / step) * step),
      Math.min(east, Math.ceil(view.getEast() / step) * step), Math.min(north, Math.ceil(view.getNorth() / step) * step),
    ];
    if (box[0] >= box[2] || box[1] >= box[3]) return "";
    const query = new URLSearchParams({ bbox: box.map((degree) => degree.toFixed(5)).join(","), zoom: String(zoom) });
    if (this.kind) query.set("kind", this.kind);
    return `${config.clusters}?${query}`;
  }

  async refresh(again = false) {
    if (!this.map.hasLayer(this.layer)) return;
    const address = this.map.getZoom() < this.from ? "" : this.address();
    if (address === this.asked && !again) return;
    this.asked = address;
    if (!address) return this.draw([]);
    try {
      const response = await fetch(address);
      if (!response.ok) throw new Error(`facilities: ${response.status}`);
      /** @type {{ features?: Maps.Feature[] }} */
      const found = await response.json();
      if (this.asked !== address) return;
      this.notes.clear("pins");
      this.draw(found.features ?? []);
    } catch {
      if (this.asked === address) this.notes.tell("pins", say("pins_failed"), () => this.refresh(true));
    }
  }

  /** @param {Maps.Feature[]} features */
  draw(features) {
    const open = /** @type {L.Map & Maps.WithPopup} */ (this.map)._popup?._source; // an open popup stays: its pin is drawn again only when it is closed
    this.layer.eachLayer((made) => made !== open && this.layer.removeLayer(made));
    const kept = open && this.layer.hasLayer(open) ? open.getLatLng() : null;
    for (const feature of features) {
      const made = Number(feature.properties?.count ?? 1) > 1 ? cluster(feature, this.map) : pin(feature);
      if (made && !(kept && made.getLatLng().equals(kept))) this.layer.addLayer(made);
    }
  }
}
