// The figures of the choropleth: fetched as numbers, joined to the codes of the tiles here.

import { config, figure, make, say } from "./words.js";

const KILOMETRES = "km";

/** The current figures of the choropleth. Changing metric or type changes only this; the tiles stay. */
export class Figures {
  /** @param {string[]} colours of the classes, light to dark */
  constructor(colours) {
    this.colours = colours;
    this.clear();
  }

  clear() {
    /** @type {string | null} */
    this.url = null;
    /** @type {Map<string, number> | null} */
    this.values = null;
    /** @type {number[]} */
    this.breaks = [];
    this.unit = "";
    this.reversed = false;
    this.within = "";
    /** @type {string | null} */
    this.chosen = null;
  }

  /**
   * Fetches the numbers of this address. Throws if that fails; returns false if a newer call was made in the meantime.
   * @param {string} url
   * @param {string} within
   */
  async load(url, within) {
    this.url = url;
    const response = await fetch(url, { headers: { Accept: "application/json" } });
    if (!response.ok) throw new Error(`figures: ${response.status}`);
    const found = await response.json();
    if (this.url !== url) return false;
    this.take(found, within);
    return true;
  }

  /**
   * The numbers, as the API returns them.
   * @param {Maps.Values} found
   * @param {string} within
   */
  take(found, within) {
    this.values = new Map(Object.entries(found.values ?? {}).filter(([, value]) => Number.isFinite(value)));
    this.breaks = (found.breaks ?? []).filter(Number.isFinite).slice(0, this.colours.length - 1);
    this.unit = String(found.unit ?? "");
    // Dark always means little coverage, whichever way the metric counts.
    this.reversed = found.direction === "low"; // the end of the scale that is worse: "high" or "low"
    this.within = within ?? "";
  }

  /**
   * The colour of an area: null if there is no figure, undefined if the area is not included.
   * @param {string} code
   */
  colour(code) {
    if (!this.values || !code.startsWith(this.within ?? "")) return undefined;
    const value = this.values.get(code);
    return value === undefined ? null : this.colourOf(this.classOf(value));
  }

  /**
   * Class i contains the values from bound i − 1 (included) up to bound i.
   * @param {number} value
   */
  classOf(value) {
    const found = this.breaks.findIndex((bound) => value < bound);
    return found < 0 ? this.breaks.length : found;
  }

  /** @param {number} index */
  colourOf(index) {
    const last = this.breaks.length;
    const place = this.reversed ? last - index : index;
    return this.colours[last ? Math.round((place * (this.colours.length - 1)) / last) : 0];
  }

  /**
   * A value for people, with its unit.
   * @param {number} value
   */
  tell(value) {
    return `${this.plain(value)} ${this.unitName()}`;
  }

  /** @param {number} value */
  plain(value) {
    return figure(this.unit === "share" ? value * 100 : value);
  }

  /** Whether the figure itself is how far away something is. */
  isDistance() {
    return this.unit === KILOMETRES;
  }

  unitName() {
    const name = `unit_${this.unit}`;
    return Object.hasOwn(config.texts, name) ? say(name) : this.unit;
  }

  /**
   * The legend: each class with its bounds and unit, and "no data".
   * @param {string} title
   */
  legend(title) {
    const rows = [];
    const bounds = this.breaks.map((bound) => this.plain(bound));
    for (let i = 0; i <= bounds.length; i += 1) {
      let text;
      if (i === 0) text = say("below", { to: bounds[0] });
      else if (i === bounds.length) text = say("from", { from: bounds[i - 1] });
      else text = say("from_to", { from: bounds[i - 1], to: bounds[i] });
      const swatch = make("span", { class: "swatch" });
      swatch.style.backgroundColor = this.colourOf(i);
      rows.push(make("li", {}, swatch, text));
    }
    rows.push(make("li", {}, make("span", { class: "swatch hatched" }), say("no_data")));
    return make("div", {}, make("p", {}, title, title ? " " : "", `(${this.unitName()})`), make("ul", {}, ...rows));
  }
}
