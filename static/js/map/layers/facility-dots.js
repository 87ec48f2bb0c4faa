// The facilities of an officer's table, drawn on a canvas, because there can be thousands.

import { make, say } from "../words.js";
import { define } from "../layer.js";
import { on } from "../parent.js";
import { button, roomy } from "../stage.js";
import { kindOf } from "../shapes.js";

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
    on("dots", (message) => this.take(message)); // there can be thousands, so they are not in the state that every layer gets
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
  take({ kinds, statuses, pins }) {
    if (!Array.isArray(kinds) || !Array.isArray(statuses) || !Array.isArray(pins)) return;
    this.stage.map.closePopup();
    this.layer.clearLayers();
    this.known.clear();
    for (const one of pins.slice(0, MOST)) {
      const [id, lon, lat, kind, status, stale, name] = one;
      if (!Number.isSafeInteger(id) || !Number.isFinite(lat) || !Number.isFinite(lon)) continue;
      const facts = { id, kind: String(kinds[kind]), status: String(statuses[status]), stale: stale === 1, name: String(name) };
      const made = new Dot([lat, lon], { renderer: this.renderer, ...style(facts.kind, facts.status, facts.stale, this.radius) });
      made.bindPopup(() => popup(facts), roomy());
      this.known.set(id, made);
      this.layer.addLayer(made);
    }
    if (this.known.size) this.stage.fit(L.latLngBounds([...this.known.values()].map((made) => made.getLatLng())), 30);
    document.documentElement.dataset.dots = String(this.known.size);
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
 * All content is text; nothing from the data is parsed as HTML.
 * @param {{ id: number, kind: string, status: string, stale: boolean, name: string }} facts
 */
function popup({ id, kind, status, stale, name }) {
  const facts = make("div", { class: "popup" },
    make("strong", {}, name),
    make("p", {}, kindOf(kind)?.label ?? ""),
    make("p", { class: `state is-${status}` }, say(status === "open" ? "set_open" : status)));
  if (stale) facts.append(make("p", { class: "warning" }, say("stale")));
  const actions = [button(say("show_row"), { type: "select", id }, "main"), button(say("more"), { type: "open", path: `/facilities/${id}` })];
  facts.append(...actions.filter((one) => one !== null));
  return facts;
}

define("FacilityDots", FacilityDots);
