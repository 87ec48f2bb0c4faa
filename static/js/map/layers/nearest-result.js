// The facilities found, numbered, the place that was searched for, and the distances: lines and rings.

import { distanceName, make, say } from "../words.js";
import { define } from "../layer.js";
import { ask } from "../stage.js";
import { pin } from "../pins.js";
import { origin } from "../controls.js";
import { on } from "../parent.js";

const L = window.L;
const MOST = 200;
const FIRST = 5; // results that the first view is about
const ALWAYS_KM = 20; // nearer than this nothing is far off, however near the nearest is
const TIMES = 3; // farther than so many times the nearest: an outlier, listed but not worth shrinking the rest for

/**
 * How many of the results, nearest first, the first view shows: at most five, and none that is far off beside the
 * nearest. The nearest is the answer, so it is shown wherever it is.
 * @param {number[]} metres from the place, rising
 */
function inFirstView(metres) {
  const far = Math.max(ALWAYS_KM * 1000, TIMES * (metres[0] ?? 0));
  const beyond = metres.slice(0, FIRST).findIndex((one) => one > far);
  return beyond < 0 ? Math.min(FIRST, metres.length) : beyond;
}

const STEPS_KM = [0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500];

/**
 * Radii that people can judge by, in km: the two largest round ones that are no wider than the first view needs.
 * @param {number} metres to the farthest result of the first view
 */
function roundRings(metres) {
  return STEPS_KM.filter((km) => km * 1000 <= metres).slice(-2);
}

/** The line that says how many of the results lie off the map, and leads to them. */
class Outside {
  /**
   * @param {L.Map} map
   * @param {() => void} onAll
   */
  constructor(map, onAll) {
    this.map = map;
    /** @type {L.Marker[]} */
    this.pins = [];
    this.text = make("span");
    this.box = make("div", { class: "outside" }, this.text, make("button", { type: "button", onclick: onAll }, say("show_all")));
    this.box.hidden = true;
    L.DomEvent.disableClickPropagation(this.box);
    map.getContainer().append(this.box);
    map.on("moveend resize popupopen popupclose", () => this.tell());
  }

  /** @param {L.Marker[]} pins */
  watch(pins) {
    this.pins = pins;
    this.tell();
  }

  /** Not beside an open popup: on a phone it would lie on it. */
  tell() {
    const view = this.map.getBounds();
    const count = this.pins.filter((one) => !view.contains(one.getLatLng())).length;
    const isOpen = this.pins.some((one) => one.isPopupOpen());
    this.text.textContent = count ? say("outside_view", { count, total: this.pins.length }) : "";
    this.box.hidden = !count || isOpen;
  }
}

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
    /** @type {L.Marker[]} The pins, nearest first. */
    this.found = [];
    /** @type {Map<number, L.Marker>} The pins by their facility. */
    this.pins = new Map();
    /** @type {L.Marker | null} */
    this.chosen = null;
    this.outside = new Outside(stage.map, () => this.all());
    if (this.options.asks) {
      stage.taps.unshift(({ lat, lng }) => {
        ask({ type: "tap", lat, lon: lng });
        return true;
      });
      on("choose", ({ id, opens }) => this.choose(Number(id), opens === true));
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
    this.pins.clear();
    this.found = [];
    this.chosen = null;
    const [lon, lat] = Array.isArray(state.origin) ? state.origin : [];
    const place = Number.isFinite(lat) && Number.isFinite(lon) ? L.latLng(lat, lon) : null;
    features.slice(0, MOST).forEach((feature, i) => this.put(feature, i, place));
    if (place) {
      this.rings(place, this.radii(place, state.rings_km ?? this.options.ringsKm));
      origin([place.lat, place.lng], say("asked")).addTo(this.inside);
    }
    if (this.inside.getLayers().length) this.fit(this.firstView(place));
    this.outside.watch(this.found);
  }

  /**
   * @param {Maps.Feature} feature
   * @param {number} i
   * @param {L.LatLng | null} place
   */
  put(feature, i, place) {
    const made = pin(feature, this.options.numbered ? i + 1 : null)?.addTo(this.inside);
    if (!made) return;
    this.found.push(made);
    if (place && this.options.lines) this.line(place, made.getLatLng());
    const id = feature.id ?? feature.properties?.id;
    if (!Number.isInteger(id)) return;
    this.pins.set(Number(id), made);
    if (!this.options.asks || !L.mapapp.framed) return;
    made.on("popupopen", () => {
      this.mark(made);
      ask({ type: "chosen", id });
    });
    this.leadToList(made, Number(id));
  }

  /**
   * A pin's popup leads to its entry in the list.
   * @param {L.Marker} made
   * @param {number} id
   */
  leadToList(made, id) {
    const told = /** @type {() => HTMLElement} */ (made.getPopup()?.getContent());
    const boxLeadingToTheList = () => {
      const box = told();
      box.append(make("button", { type: "button", onclick: () => ask({ type: "chosen", id, goes: true }) }, say("show_in_list")));
      return box;
    };
    made.getPopup()?.setContent(boxLeadingToTheList);
  }

  /** The first results, without those that are far off. @param {L.LatLng} place */
  firstOnes(place) {
    const spots = this.found.map((one) => one.getLatLng());
    return spots.slice(0, inFirstView(spots.map((one) => place.distanceTo(one))));
  }

  /**
   * The place and the first results.
   * @param {L.LatLng | null} place
   */
  firstView(place) {
    return place && this.found.length ? L.latLngBounds([place, ...this.firstOnes(place)]) : this.inside.getBounds();
  }

  /**
   * The radii that were asked for; on a page round ones, too.
   * @param {L.LatLng} place
   * @param {unknown} given
   */
  radii(place, given) {
    const asked = Array.isArray(given) ? given : [];
    if (!this.options.asks) return asked;
    const farthest = Math.max(0, ...this.firstOnes(place).map((one) => place.distanceTo(one)));
    return [...new Set([...roundRings(farthest), ...asked])];
  }

  all() {
    this.fit(this.inside.getBounds());
  }

  /**
   * Moves the map; pins stand beside the buttons at the left edge and above the line at the lower one.
   * @param {L.LatLngBounds} bounds
   */
  fit(bounds) {
    const { map } = this.stage;
    const { x, y } = map.getSize();
    const [room, foot] = [Math.min(60, x / 5), x < 600 ? Math.min(150, y / 3) : Math.min(110, y / 4)]; // on a phone a button stands below the line
    map.fitBounds(bounds, { paddingTopLeft: [room, 40], paddingBottomRight: [40, foot], maxZoom: 15, animate: false });
  }

  /**
   * An entry of the list was chosen on the page: its pin is marked and brought into view, and opened where that was
   * asked for.
   * @param {number} id
   * @param {boolean} opens
   */
  choose(id, opens) {
    const made = this.pins.get(id);
    if (!made) return;
    this.mark(made);
    const { map } = this.stage;
    if (!map.getBounds().pad(-0.05).contains(made.getLatLng())) map.panTo(made.getLatLng(), { animate: false });
    if (opens) made.openPopup();
    else if (!made.isPopupOpen()) map.closePopup();
  }

  /** @param {L.Marker} made */
  mark(made) {
    for (const one of [this.chosen, made]) {
      one?.getElement()?.classList.toggle("is-chosen", one === made);
      one?.setZIndexOffset(one === made ? 1000 : 0);
    }
    this.chosen = made;
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
      const name = make("span", {}, distanceName(km * 1000));
      L.marker(top, { icon: L.divIcon({ html: name, className: "ring-name", iconSize: [72, 22] }), interactive: false, keyboard: false }).addTo(this.around);
    }
  }
}

define("NearestResult", NearestResult);
