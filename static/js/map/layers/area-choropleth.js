// Areas coloured by a figure, their legend, and the popup of an area.

import { figure as figureOf, make, nameOf, say } from "../words.js";
import { define } from "../layer.js";
import { Figures } from "../figures.js";
import { choropleth, hatch, pick } from "../tiles.js";
import { levelOf, pickShape } from "../drawn-shapes.js";
import { button } from "../stage.js";

const L = window.L;
const LEVELS = ["tambon", "amphoe", "province"];

class AreaChoropleth {
  /**
   * @param {Maps.Holder} holder
   * @param {import("../stage.js").Stage} stage
   */
  constructor(holder, stage) {
    this.holder = holder;
    this.stage = stage;
    this.options = /** @type {{ colours: string[], tiles?: string, server?: string }} */ (holder.options);
    this.figures = new Figures(this.options.colours);
    this.level = "";
    this.asked = ""; // the page's parameter for facilities that were not confirmed recently; links to area pages keep it
    /** @type {Protomaps.Layer | null} */
    this.tiled = null;
    /** @type {L.GeoJSON | null} */
    this.drawn = null;
    this.hasLegend = true;
    this.counted = ""; // which facilities the figure comes from, in words
    this.way = L.layerGroup().addTo(holder); // from a tambon to the facility that its distance leads to
    stage.pane("figures", 250);
    /** @type {Maps.State | null} What to show once somebody switches it on. */
    this.later = null;
    holder.on("remove", () => this.away());
    holder.on("add", () => this.back());
    stage.map.on("popupclose", () => this.figures.chosen && this.choose(null));
  }

  away() {
    this.stage.legend.hide();
    if (this.stage.painted === this) this.stage.painted = null;
  }

  back() {
    const { later } = this;
    if (later) this.show(later);
    else if (this.figures.values) {
      this.stage.painted = this;
      this.tellLegend();
    }
  }

  /** @param {Maps.State} state */
  async show(state) {
    this.later = this.stage.map.hasLayer(this.holder) ? null : state;
    if (this.later) return;
    this.asked = state.stale === 0 || state.stale === 1 ? `?stale=${state.stale}` : "";
    const { level, within = "" } = state;
    const path = typeof state.values_url === "string" && /^\/api\/v1\/[\w/-]+(\?|$)/.test(state.values_url) ? state.values_url : null;
    if (level === undefined || !LEVELS.includes(level) || !(path || state.figures)) return;
    if (level !== this.level) this.begin(level);
    this.title = String(state.metric_label ?? "");
    this.counted = String(state.counted ?? "");
    this.hasLegend = state.legend !== false;
    this.kept = path ? new URLSearchParams(path.split("?")[1]) : null;
    if (state.figures) {
      this.figures.take(state.figures, within ?? "");
      this.paint("carried");
    } else if (path) {
      await this.load((this.options.server ?? "") + path, within ?? "", state);
    }
  }

  /** @param {string} level */
  begin(level) {
    this.holder.clearLayers();
    this.holder.addLayer(this.way);
    if (this.tiled) this.stage.tiled.delete(this.tiled);
    this.figures.clear();
    this.level = level;
    if (this.options.tiles) {
      this.tiled = choropleth(this.options.tiles, level, this.figures, this.stage.tileState("figures"));
      this.stage.tiled.add(this.tiled);
      this.holder.addLayer(this.tiled);
    }
    this.stage.painted = this;
  }

  /**
   * @param {string} url
   * @param {string} within
   * @param {Maps.State} state
   */
  async load(url, within, state) {
    const { notes, map } = this.stage;
    notes.clear("figures");
    const slow = setTimeout(() => notes.tell("figures", say("figures_loading")), 500);
    try {
      if (!(await this.figures.load(url, within))) return;
      notes.clear("figures");
      map.closePopup();
      this.paint(url);
    } catch {
      if (this.figures.url === url) notes.tell("figures", say("figures_failed"), () => this.show(state));
    } finally {
      clearTimeout(slow);
    }
  }

  /** @param {string} url where the figures are from */
  paint(url) {
    this.way.clearLayers();
    if (this.figures.values?.size === 0) this.stage.notes.tell("figures", say("no_figures"));
    this.tellLegend();
    if (this.tiled) this.tiled.rerenderTiles();
    else this.paintShapes();
    document.documentElement.dataset.figures = url;
  }

  tellLegend() {
    if (this.hasLegend) this.stage.legend.show(this.figures.legend(this.title ?? ""));
  }

  paintShapes() {
    const shapes = this.stage.shapes[this.level];
    if (!shapes) return;
    const pattern = hatch();
    this.drawn?.remove();
    this.drawn = L.geoJSON(shapes, /** @type {L.GeoJSONOptions} */ ({
      pane: "figures", interactive: false, renderer: L.canvas({ pane: "figures", padding: 0.3 }),
      filter: (feature) => this.figures.colour(feature.properties.code) !== undefined,
      // Leaflet's canvas passes a pattern to the browser unchanged.
      style: (feature) => ({ weight: 0.5, color: "#fff", opacity: 0.75, fillOpacity: 1, fillColor: this.figures.colour(feature?.properties.code) ?? pattern }),
    }));
    this.holder.addLayer(this.drawn);
  }

  /**
   * The code of the area at a location, if it is coloured.
   * @param {L.LatLng} latlng
   */
  pick(latlng) {
    const code = this.tiled ? pick(this.tiled, latlng, [this.level]) : pickShape(this.stage.shapes, latlng, [this.level]);
    return code && this.figures.colour(code) !== undefined ? code : null;
  }

  /** @param {string} code */
  tell(code) {
    const value = this.figures.values?.get(code);
    return value === undefined ? say("no_data") : this.figures.tell(value);
  }

  /**
   * Adds to an area's popup which facilities its figure comes from; of a tambon also the nearest, with a line to it.
   * @param {string} code
   * @param {HTMLElement} box
   * @param {L.Popup} popup
   */
  async explain(code, box, popup) {
    const figure = box.querySelector(".figure");
    if (this.counted) figure?.after(make("p", { class: "quiet counted" }, this.counted));
    popup.update();
    const kind = this.kept?.get("kind"); // of facilities; other figures lead to none
    if (!this.kept || !kind || levelOf(code) !== "tambon") return;
    const asked = new URLSearchParams({ kind, stale: this.kept.get("stale") ?? "" });
    try {
      const response = await fetch(`${this.options.server ?? ""}/api/v1/coverage/areas/${code}?${asked}`);
      if (response.ok && popup.isOpen()) this.lead(await response.json(), figure, popup);
    } catch {
      // The figure stands; the page of the area names the facility, too.
    }
  }

  /**
   * @param {Maps.AreaFigures} found
   * @param {Element | null} figure
   * @param {L.Popup} popup
   */
  lead({ lat, lon, nearest_km: km, nearest_facility: near }, figure, popup) {
    if (!near || !Number.isFinite(km) || ![lat, lon, near.lat, near.lon].every(Number.isFinite)) return;
    const isDistance = this.figures.isDistance(); // then the line says whose
    const words = isDistance ? say("nearest_named", { name: nameOf(near) })
      : say("nearest_one", { name: nameOf(near), distance: `${figureOf(km)} ${say("unit_km")}` });
    if (isDistance) figure?.parentElement?.querySelector(".counted")?.remove();
    figure?.after(button(words, { type: "open", path: `/facilities/${near.id}` }, "nearest-one") ?? make("p", {}, words));
    popup.update();
    const place = L.latLng(near.lat, near.lon);
    this.way.clearLayers();
    this.way.addLayer(L.polyline([[lat, lon], place], { className: "to-nearest", weight: 3, interactive: false }));
    this.way.addLayer(L.circleMarker(place, { className: "nearest-end", radius: 7, weight: 3, interactive: false }));
    this.way.addLayer(L.circleMarker([lat, lon], { className: "nearest-start", radius: 4, weight: 2, interactive: false }));
  }

  /** @param {L.LatLng} place */
  oneMore({ lat, lng }) {
    const kind = this.kept?.get("kind");
    if (!kind) return null;
    const asked = new URLSearchParams({ kind, radius_km: this.kept?.get("radius_km") ?? "", lat: lat.toFixed(5), lon: lng.toFixed(5) });
    if (this.asked) asked.set("stale", this.asked.slice(-1));
    return `/coverage/one-more?${asked}`;
  }

  /**
   * The line to the nearest stays when the popup closes, which hides it on a small screen: until another area is chosen.
   * @param {string | null} code
   */
  choose(code) {
    if (code !== null) this.way.clearLayers();
    this.figures.chosen = code;
    this.tiled?.rerenderTiles();
  }
}

class StatisticsFigures extends AreaChoropleth {}
class SurveyFigures extends AreaChoropleth {}
class Vaccinated extends AreaChoropleth {}

define("AreaChoropleth", AreaChoropleth);
define("StatisticsFigures", StatisticsFigures);
define("SurveyFigures", SurveyFigures);
define("Vaccinated", Vaccinated);
