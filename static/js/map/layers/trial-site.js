// A place where one more facility might be: a tap, a drag or Enter sets it, and the page says what it would change.

import { distanceName, make, say } from "../words.js";
import { define } from "../layer.js";
import { DROP, drawn } from "../shapes.js";
import { ask } from "../stage.js";

const L = window.L;

class TrialSite {
  /**
   * @param {Maps.Holder} holder
   * @param {import("../stage.js").Stage} stage
   */
  constructor(holder, stage) {
    this.holder = holder;
    this.stage = stage;
    this.shown = "";
    const { map } = stage;
    stage.taps.unshift((latlng) => {
      this.tell(latlng);
      return true;
    });
    map.getContainer().append(make("span", { class: "middle", "aria-hidden": "true" }));
    map.getContainer().addEventListener("keydown", (event) => {
      if (event.key === "Enter" && event.target === map.getContainer()) this.tell(map.getCenter());
    });
    map.getContainer().setAttribute("aria-label", `${say("map")} ${say("trial_keys")}`);
  }

  /** @param {L.LatLng} place */
  tell(place) {
    const { lat, lng } = place.wrap();
    ask({ type: "tap", lat, lon: lng });
  }

  /** @param {Maps.State} state */
  show({ site }) {
    const key = JSON.stringify(site ?? null);
    if (key === this.shown) return;
    this.shown = key;
    this.holder.clearLayers();
    if (!site || ![site.lat, site.lon, site.radius_km].every(Number.isFinite)) return;
    const place = L.latLng(site.lat, site.lon);
    const circle = L.circle(place, { radius: site.radius_km * 1000, className: "trial-reach", weight: 2, interactive: false });
    this.holder.addLayer(circle);
    this.pin(place);
    const name = L.divIcon({ html: make("span", {}, distanceName(site.radius_km * 1000)), className: "ring-name", iconSize: [72, 22] });
    this.holder.addLayer(L.marker([circle.getBounds().getNorth(), site.lon], { icon: name, interactive: false, keyboard: false }));
    const { map } = this.stage;
    if (!map.getBounds().contains(circle.getBounds()) || map.getZoom() < 8) this.stage.fit(circle.getBounds(), 30);
  }

  /** @param {L.LatLng} place */
  pin(place) {
    const icon = L.divIcon({ html: make("span", { class: "pin is-picked" }, drawn(DROP)), className: "pin-holder", iconSize: [44, 44], iconAnchor: [22, 43] });
    const made = L.marker(place, { icon, draggable: true, autoPan: true, keyboard: false, zIndexOffset: 1000 });
    made.on("dragend", () => this.tell(made.getLatLng()));
    this.holder.addLayer(made);
    made.getElement()?.setAttribute("role", "img");
    made.getElement()?.setAttribute("aria-label", say("trial_site"));
  }
}

define("TrialSite", TrialSite);
