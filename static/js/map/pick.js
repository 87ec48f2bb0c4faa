// The map on which a place is chosen: a tap sets the pin, dragging moves it; the page keeps the place.

import { make, say } from "./words.js";
import { DROP, drawn } from "./shapes.js";
import { post } from "./parent.js";

const L = window.L;

export class Picker {
  /** @param {L.Map} map */
  constructor(map) {
    this.map = map;
    /** @type {L.Marker | null} */
    this.marker = null;
    map.on("click", ({ latlng }) => {
      this.put(latlng);
      this.tell(latlng);
    });
  }

  /**
   * Sets the pin, without telling the page: it is the page's place, or is told anyway.
   * @param {L.LatLng} latlng
   */
  put(latlng) {
    if (this.marker) {
      this.marker.setLatLng(latlng);
      return;
    }
    const icon = L.divIcon({ html: make("span", { class: "pin is-picked" }, drawn(DROP)), className: "pin-holder", iconSize: [44, 44], iconAnchor: [22, 43] });
    const made = L.marker(latlng, { icon, draggable: true, autoPan: true, keyboard: false, zIndexOffset: 1000 }).addTo(this.map);
    made.getElement()?.setAttribute("role", "img");
    made.getElement()?.setAttribute("aria-label", say("picked"));
    made.on("dragend", () => this.tell(made.getLatLng()));
    this.marker = made;
  }

  /** @param {L.LatLng} place */
  tell({ lat, lng }) {
    post({ type: "tap", lat, lon: lng });
  }

  /**
   * What the page says: the place as it was typed or found. The map follows where it would be out of view.
   * @param {number[] | undefined} pick
   */
  show(pick) {
    const [lon, lat] = Array.isArray(pick) ? pick : [];
    if (!Number.isFinite(lat) || !Number.isFinite(lon)) return;
    const latlng = L.latLng(lat, lon);
    const known = this.marker !== null && this.marker.getLatLng().distanceTo(latlng) < 1;
    this.put(latlng);
    if (!known) this.map.setView(latlng, Math.max(this.map.getZoom(), 15), { animate: false });
  }
}
