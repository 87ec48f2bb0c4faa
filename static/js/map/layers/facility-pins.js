// Facilities in view as pins and clusters, fetched when the map moves, or drawn from the data in the document.

import { config, say } from "../words.js";
import { define } from "../layer.js";
import { kindOf } from "../shapes.js";
import { cluster, pin } from "../pins.js";

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
    this.notes = notes;
    this.options = /** @type {{ clusters?: string, fromZoom: number }} */ (holder.options);
    this.kind = "";
    this.asked = "";
    this.layer = holder;
    map.on("moveend", () => this.refresh());
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
    return `${this.options.clusters}?${query}`;
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
    for (const feature of features) {
      const made = Number(feature.properties?.count ?? 1) > 1 ? cluster(feature, this.map) : pin(feature);
      if (made && !(kept && made.getLatLng().equals(kept))) this.layer.addLayer(made);
    }
  }
}

define("FacilityPins", FacilityPins);
