// Facilities in view as pins and clusters, fetched when the map moves, or drawn from the data in the document.

import { config, say } from "../words.js";
import { define } from "../layer.js";
import { kindOf } from "../shapes.js";
import { cluster, pin } from "../pins.js";
import { obstacles } from "../frame.js";
import { PROVINCES_BELOW, showsProvinces, signs } from "../provinces.js";

const L = window.L;

/**
 * Facilities in view. The requested box is cut to a grid, so that many people request the same one and caches can
 * answer.
 */
class FacilityPins {
  /**
   * @param {Maps.Holder} holder
   * @param {import("../stage.js").Stage} stage
   */
  constructor(holder, stage) {
    const { map, notes } = stage;
    this.map = map;
    this.stage = stage;
    this.notes = notes;
    this.options = /** @type {{ clusters?: string, fromZoom: number }} */ (holder.options);
    this.kind = "";
    this.asked = "";
    this.layer = holder;
    /** @type {Maps.Feature[] | null} Counts by province, where they are what is drawn. */
    this.provinces = null;
    map.on("moveend", () => this.refresh());
    map.on("zoomend", () => this.provinces && showsProvinces(map) && this.draw(this.provinces)); // they lie closer or wider apart now
    map.on("moveend", () => this.uncover());
    holder.on("add", () => this.refresh());
    holder.on("remove", () => { this.asked = ""; });
    this.refresh();
  }

  /**
   * Pins of one type if the page's form or its figures are about one; or the pins in the document.
   * @param {Maps.State} state
   */
  show(state) {
    if (state.pins) {
      this.draw(state.pins.features ?? []);
      return;
    }
    const asked = typeof state.values_url === "string" ? new URL(state.values_url, "http://x").searchParams.get("kind") : "";
    const kind = state.kind ?? asked ?? "";
    this.kind = kindOf(kind) ? kind : "";
    this.refresh();
  }

  address() {
    const query = this.query();
    if (query && this.kind) query.set("kind", this.kind);
    return query ? `${this.options.clusters}?${query}` : "";
  }

  /** The box in view; of counts by province one answer holds for every view. */
  query() {
    if (showsProvinces(this.map)) return new URLSearchParams({ zoom: String(PROVINCES_BELOW - 1) });
    const zoom = Math.round(this.map.getZoom());
    const step = 360 / 2 ** Math.max(zoom - 1, 0); // the width of a tile of 512 pixels, in degrees
    const view = this.map.getBounds();
    const [west, south, east, north] = config.bounds;
    const box = [
      Math.max(west, Math.floor(view.getWest() / step) * step), Math.max(south, Math.floor(view.getSouth() / step) * step),
      Math.min(east, Math.ceil(view.getEast() / step) * step), Math.min(north, Math.ceil(view.getNorth() / step) * step),
    ];
    if (box[0] >= box[2] || box[1] >= box[3]) return null;
    return new URLSearchParams({ bbox: box.map((degree) => degree.toFixed(5)).join(","), zoom: String(zoom) });
  }

  async refresh(again = false) {
    if (!this.options.clusters || !this.map.hasLayer(this.layer)) return;
    const address = this.map.getZoom() < this.options.fromZoom ? "" : this.address();
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
      this.provinces = showsProvinces(this.map) ? found.features ?? [] : null;
      this.draw(found.features ?? []);
    } catch {
      if (this.asked === address) this.notes.tell("pins", say("pins_failed"), () => this.refresh(true));
    }
  }

  /** @param {Maps.Feature[]} features */
  draw(features) {
    const open = /** @type {L.Map & Maps.WithPopup} */ (this.map)._popup?._source; // an open popup stays: its pin is drawn again only after it is closed
    this.layer.eachLayer((made) => made !== open && this.layer.removeLayer(made));
    const kept = open && this.layer.hasLayer(open) ? open.getLatLng() : null;
    /** @type {(feature: Maps.Feature) => L.Marker | null} */
    const single = (feature) => (Number(feature.properties?.count ?? 1) > 1 ? cluster(feature, this.map) : pin(feature));
    for (const made of this.provinces ? signs(this.provinces, this.stage) : features.map(single)) {
      if (made && !(kept && made.getLatLng().equals(kept))) this.layer.addLayer(made);
    }
    this.uncover();
  }

  /** What would lie half under a button is not shown until the map is moved: it could not be tapped, and looks broken. */
  uncover() {
    const boxes = obstacles(this.map);
    this.layer.eachLayer((made) => {
      if (!(made instanceof L.Marker)) return;
      const { x, y } = this.map.latLngToContainerPoint(made.getLatLng());
      const [wide, high] = /** @type {[number, number]} */ (made.options.icon?.options.iconSize ?? [0, 0]).map((side) => side / 2);
      const isUnder = boxes.some(({ left, top, right, bottom }) => x + wide > left && x - wide < right && y + high > top && y - high < bottom);
      made.getElement()?.classList.toggle("is-under", isUnder);
    });
  }
}

define("FacilityPins", FacilityPins);
