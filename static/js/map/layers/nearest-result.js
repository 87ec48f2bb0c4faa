// The facilities found, numbered, the place that was searched for, and the distances: lines and rings.

import { distance, say } from "../words.js";
import { define } from "../layer.js";
import { ask } from "../stage.js";
import { pin } from "../pins.js";
import { origin } from "../controls.js";

const L = window.L;
const MOST = 200;

class NearestResult {
  /**
   * @param {Maps.Holder} holder
   * @param {import("../stage.js").Stage} stage
   */
  constructor(holder, stage) {
    this.holder = holder;
    this.stage = stage;
    this.options = /** @type {{ numbered: boolean, lines: boolean, asks: boolean, ringsKm: number[] }} */ (holder.options);
    this.shown = "";
    this.inside = L.featureGroup().addTo(holder);
    this.around = L.layerGroup().addTo(holder); // rings do not move the map: they can be large
    if (this.options.asks) {
      stage.taps.unshift(({ lat, lng }) => {
        ask({ type: "tap", lat, lon: lng });
        return true;
      });
    }
  }

  /** @param {Maps.State} state */
  show(state) {
    const features = Array.isArray(state.features?.features) ? state.features.features : [];
    const key = JSON.stringify([state.origin ?? null, state.rings_km ?? null, features]);
    if (key === this.shown) return;
    this.shown = key;
    this.stage.map.closePopup();
    this.inside.clearLayers();
    this.around.clearLayers();
    const [lon, lat] = Array.isArray(state.origin) ? state.origin : [];
    const place = Number.isFinite(lat) && Number.isFinite(lon) ? L.latLng(lat, lon) : null;
    features.slice(0, MOST).forEach((feature, i) => {
      const made = pin(feature, this.options.numbered ? i + 1 : null)?.addTo(this.inside);
      if (made && place && this.options.lines) this.line(place, made.getLatLng());
    });
    if (place) {
      this.rings(place, state.rings_km ?? this.options.ringsKm);
      origin([place.lat, place.lng], say("asked")).addTo(this.inside);
    }
    if (this.inside.getLayers().length) this.stage.fit(this.inside.getBounds(), 40);
  }

  /**
   * @param {L.LatLng} place
   * @param {L.LatLng} facility
   */
  line(place, facility) {
    L.polyline([place, facility], { className: "to-place", weight: 1.5, interactive: false }).addTo(this.inside);
  }

  /**
   * @param {L.LatLng} place
   * @param {unknown} radii
   */
  rings(place, radii) {
    for (const km of Array.isArray(radii) ? radii : []) {
      if (typeof km !== "number" || !(km > 0 && km <= 500)) continue;
      L.circle(place, { radius: km * 1000, className: "ring", weight: 1.5, fill: false, interactive: false }).addTo(this.around);
      const top = L.latLng(place.lat + km / 111.2, place.lng); // degrees of latitude: about 111.2 km each
      const name = document.createElement("span");
      name.textContent = distance(km * 1000);
      L.marker(top, { icon: L.divIcon({ html: name, className: "ring-name", iconSize: [64, 18] }), interactive: false, keyboard: false }).addTo(this.around);
    }
  }
}

define("NearestResult", NearestResult);
