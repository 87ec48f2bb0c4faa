// The map on which a location is chosen: a tap sets the pin, dragging moves it; the page stores the location.

import { make, say } from "../words.js";
import { define } from "../layer.js";
import { DROP, drawn } from "../shapes.js";
import { ask } from "../stage.js";

const L = window.L;

class PositionPicker {
  /**
   * @param {Maps.Holder} holder
   * @param {import("../stage.js").Stage} stage
   */
  constructor(holder, { map, taps }) {
    this.map = map;
    this.holder = holder;
    this.zoom = /** @type {{ zoom: number }} */ (holder.options).zoom;
    /** @type {L.Marker | null} */
    this.marker = null;
    taps.unshift((latlng) => {
      this.put(latlng);
      this.tell(latlng);
      return true;
    });
  }

  /**
   * Sets the pin without telling the page, which already knows the location or is told separately.
   * @param {L.LatLng} latlng
   */
  put(latlng) {
    if (this.marker) {
      this.marker.setLatLng(latlng);
      return;
    }
    const icon = L.divIcon({ html: make("span", { class: "pin is-picked" }, drawn(DROP)), className: "pin-holder", iconSize: [44, 44], iconAnchor: [22, 43] });
    const made = L.marker(latlng, { icon, draggable: true, autoPan: true, keyboard: false, zIndexOffset: 1000 }).addTo(this.holder);
    made.getElement()?.setAttribute("role", "img");
    made.getElement()?.setAttribute("aria-label", say("picked"));
    made.on("dragend", () => this.tell(made.getLatLng()));
    this.marker = made;
  }

  /** @param {L.LatLng} place */
  tell({ lat, lng }) {
    ask({ type: "tap", lat, lon: lng });
  }

  /**
   * The location that the page sends, as typed or found. The map moves if it would be out of view.
   * @param {Maps.State} state
   */
  show({ pick }) {
    const [lon, lat] = Array.isArray(pick) ? pick : [];
    if (!Number.isFinite(lat) || !Number.isFinite(lon)) return;
    const latlng = L.latLng(lat, lon);
    const known = this.marker !== null && this.marker.getLatLng().distanceTo(latlng) < 1;
    this.put(latlng);
    if (!known) this.map.setView(latlng, Math.max(this.map.getZoom(), this.zoom), { animate: false });
  }
}

define("PositionPicker", PositionPicker);
