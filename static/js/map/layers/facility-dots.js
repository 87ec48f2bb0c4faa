// The facilities of an officer's table, drawn on a canvas, because there can be thousands.

import { make, say } from "../words.js";
import { define } from "../layer.js";
import { on } from "../parent.js";
import { button } from "../stage.js";
import { roomy } from "../popups.js";
import { kindOf } from "../shapes.js";
import { facts } from "../facts.js";
import { showsProvinces, signs } from "../provinces.js";

const L = window.L;
const MOST = 5000;

/** @type {Record<string, string>} */
const COLOURS = { open: "#0b6e4f", full: "#a63a06", temporarily_closed: "#59626b", closed: "#59626b" };

L.Canvas.include({
  /**
   * @this {Maps.Canvas}
   * @param {Maps.Dot} layer
   */
  _updateDot(layer) {
    if (!this._drawing || layer._empty()) return;
    const { x, y } = layer._point;
    const size = layer._radius;
    const ctx = this._ctx;
    const corners = kindOf(layer.options.kind)?.corners ?? []; // as on the other maps; without corners it is a circle
    ctx.beginPath();
    if (corners.length) {
      corners.forEach(([dx, dy], i) => ctx[i ? "lineTo" : "moveTo"](x + dx * size, y + dy * size));
      ctx.closePath();
    } else {
      ctx.arc(x, y, size, 0, Math.PI * 2);
    }
    this._fillStroke(ctx, layer);
    if (!layer.options.bar) return;
    ctx.beginPath(); // not open: a bar, so that colour is not the only difference
    ctx.moveTo(x - size, y + size);
    ctx.lineTo(x + size, y - size);
    this._fillStroke(ctx, layer);
  },
});

/** @type {new (place: L.LatLngTuple, options: Maps.Dot["options"]) => L.CircleMarker} */
const Dot = L.CircleMarker.extend({
  /** @this {Maps.Dot} */
  _updatePath() {
    this._renderer._updateDot(this);
  },
});

/**
 * The style of a facility: filled if it is open, with a bar if not, pale and dashed if it may be out of date.
 * @param {string} kind
 * @param {string} status
 * @param {boolean} stale
 * @param {number} radius
 */
function style(kind, status, stale, radius) {
  const colour = COLOURS[status] ?? COLOURS.closed;
  const open = status === "open";
  return {
    kind, radius, bar: !open && status !== "full", color: open && !stale ? "#fff" : colour, weight: open && !stale ? 1 : 2,
    fillColor: open ? colour : "#fff", fillOpacity: stale ? 0.45 : 1, opacity: stale ? 0.7 : 1, dashArray: stale ? "3 2" : undefined,
  };
}

class FacilityDots {
  /**
   * @param {Maps.Holder} holder
   * @param {import("../stage.js").Stage} stage
   */
  constructor(holder, stage) {
    this.layer = holder;
    this.stage = stage;
    this.radius = /** @type {{ radius: number }} */ (holder.options).radius;
    this.renderer = L.canvas({ padding: 0.3, tolerance: 8 });
    /** @type {Map<unknown, L.CircleMarker>} */
    this.known = new Map();
    this.dots = L.layerGroup();
    this.signs = L.layerGroup();
    /** @type {Maps.Feature[]} */
    this.provinces = [];
    stage.map.on("zoomend", () => this.choose());
    on("dots", (message) => this.take(message)); // thousands: not in the state that every layer is told
    on("show", ({ id }) => this.open(id));
  }

  /** @param {Maps.State} state */
  show({ dots }) {
    if (dots) this.take(dots);
  }

  /**
   * Draws the given facilities.
   * @param {Record<string, unknown>} dots
   */
  take({ kinds, statuses, pins, provinces }) {
    if (!Array.isArray(kinds) || !Array.isArray(statuses) || !Array.isArray(pins)) return;
    this.stage.map.closePopup();
    this.dots.clearLayers();
    this.known.clear();
    this.provinces = Array.isArray(provinces) ? provinces.filter((one) => typeof one === "object" && one !== null) : [];
    for (const one of pins.slice(0, MOST)) {
      const [id, lon, lat, kind, status, stale, name] = one;
      if (!Number.isSafeInteger(id) || !Number.isFinite(lat) || !Number.isFinite(lon)) continue;
      const known = { id, kind: String(kinds[kind]), status: String(statuses[status]), stale: stale === 1, name: String(name) };
      const made = new Dot([lat, lon], { renderer: this.renderer, ...style(known.kind, known.status, known.stale, this.radius) });
      made.bindPopup(() => popup(known, L.latLng(lat, lon)), roomy());
      this.known.set(id, made);
      this.dots.addLayer(made);
    }
    this.choose();
    if (this.known.size) this.stage.fit(L.latLngBounds([...this.known.values()].map((made) => made.getLatLng())), 30);
    document.documentElement.dataset.dots = String(this.known.size);
  }

  /** The pins, or where whole provinces are small their counts: of all that the filters find, drawn or not. */
  choose() {
    const counts = this.provinces.length > 1 && showsProvinces(this.stage.map);
    this.signs.clearLayers();
    if (counts) for (const made of signs(this.provinces, this.stage)) this.signs.addLayer(made);
    this.layer.removeLayer(counts ? this.dots : this.signs).addLayer(counts ? this.signs : this.dots);
  }

  /**
   * Opens the facility that the page asks for.
   * @param {unknown} id
   */
  open(id) {
    const made = this.known.get(id);
    const { map } = this.stage;
    if (!made) return;
    map.setView(made.getLatLng(), Math.max(map.getZoom(), 14), { animate: false });
    made.openPopup();
  }
}

/**
 * What is known of a dot; with a service to ask, the rest once it has answered.
 * @param {{ id: number, kind: string, status: string, stale: boolean, name: string }} known
 * @param {L.LatLng} place
 */
function popup({ id, kind, status, stale, name }, place) {
  const box = make("div", { class: "popup" },
    make("strong", {}, name),
    make("p", {}, kindOf(kind)?.label ?? ""),
    make("p", { class: `state is-${status}` }, say(status === "open" ? "set_open" : status)));
  if (stale) box.append(make("p", { class: "warning" }, say("stale")));
  const first = button(say("show_row"), { type: "select", id }, "main");
  for (const one of [first, button(say("more"), { type: "open", path: `/facilities/${id}` })]) if (one) box.append(one);
  if (L.mapapp.framed) fill(box, id, place, first);
  return box;
}

/**
 * The public facts of a dot: telephone, the way there, who confirmed it. They are not in an officer's thousands of dots.
 * @param {HTMLElement} box
 * @param {number} id
 * @param {L.LatLng} place
 * @param {HTMLElement | null} first
 */
async function fill(box, id, place, first) {
  try {
    const response = await fetch(`/api/v1/facilities/${id}`);
    /** @type {Maps.Feature} */
    const found = response.ok ? await response.json() : {};
    if (!found.properties) return;
    const hadFocus = box.contains(document.activeElement);
    box.replaceChildren(...facts(found.properties, place, id, first).children);
    if (hadFocus) first?.focus({ preventScroll: true });
    box.dispatchEvent(new Event("grown", { bubbles: true })); // the stage makes room for it
  } catch {
    // What stands there already is true; the page of the facility has the rest.
  }
}

define("FacilityDots", FacilityDots);
