// Villages with a figure each, as dots: full where something was recorded, empty where not.

import { make, say } from "../words.js";
import { define } from "../layer.js";
import { roomy } from "../popups.js";

const L = window.L;
const MOST = 1000;
const COLOUR = "#0b4f6c";

class VillageDots {
  /**
   * @param {Maps.Holder} holder
   * @param {import("../stage.js").Stage} stage
   */
  constructor(holder, stage) {
    this.holder = holder;
    this.radius = /** @type {{ radius: number }} */ (holder.options).radius;
    this.renderer = L.canvas({ padding: 0.3, tolerance: 8 });
    this.stage = stage;
  }

  /** @param {Maps.State} state */
  show({ villages }) {
    if (!Array.isArray(villages)) return;
    this.stage.map.closePopup();
    this.holder.clearLayers();
    for (const { lat, lon, name, told } of villages.slice(0, MOST)) {
      if (!Number.isFinite(lat) || !Number.isFinite(lon)) continue;
      const dot = L.circleMarker([lat, lon], {
        renderer: this.renderer, radius: this.radius, weight: 2, color: told ? "#fff" : COLOUR, fillColor: told ? COLOUR : "#fff", fillOpacity: 1,
      });
      const figure = make("p", { class: "figure" }, String(told || say("no_data")));
      dot.bindPopup(() => make("div", { class: "popup" }, make("strong", {}, String(name ?? "")), figure), roomy());
      this.holder.addLayer(dot);
    }
    document.documentElement.dataset.villages = String(this.holder.getLayers().length);
  }
}

define("VillageDots", VillageDots);
