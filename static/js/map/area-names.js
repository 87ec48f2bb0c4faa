// Names of areas whose boundaries came with the document: each where it has room in its own area and lies over no other.
// Names of large areas come first; those of the small ones appear as someone zooms in.

import { nameOf } from "./words.js";

const L = window.L;
const DOWNWARDS = ["province", "amphoe", "tambon"];
/** @type {Record<string, { size: number, weight: number }>} */
const LETTERS = { province: { size: 14, weight: 700 }, amphoe: { size: 13, weight: 700 }, tambon: { size: 12, weight: 400 } };
const LINES = [0.5, 0.4, 0.6, 0.3, 0.7]; // where an area is looked at, in parts of its height
const AIR = 4; // pixels around a name

/** @typedef {{ name: string, level: string, place: L.LatLng, degrees: number, high: number }} Name */

/**
 * The widest stretch of a polygon on a few lines from west to east: its middle, and how many degrees it is long.
 * @param {number[][][]} rings
 */
function widest(rings) {
  const lats = rings[0].map(([, lat]) => lat);
  const [south, north] = [Math.min(...lats), Math.max(...lats)];
  let best = { degrees: 0, lat: south, lon: rings[0][0][0], high: north - south };
  for (const part of LINES) {
    const lat = south + (north - south) * part;
    /** @type {number[]} */
    const crossings = [];
    for (const ring of rings) {
      for (let i = 0, before = ring.length - 1; i < ring.length; before = i, i += 1) {
        const [[x, y], [px, py]] = [ring[i], ring[before]];
        if (y > lat !== py > lat) crossings.push(((px - x) * (lat - y)) / (py - y) + x);
      }
    }
    crossings.sort((a, b) => a - b);
    for (let i = 0; i + 1 < crossings.length; i += 2) {
      const degrees = crossings[i + 1] - crossings[i];
      if (degrees > best.degrees * 1.1) best = { ...best, degrees, lat, lon: (crossings[i] + crossings[i + 1]) / 2 };
    }
  }
  return best;
}

/**
 * @param {GeoJSON.Feature} feature
 * @param {string} level
 * @returns {Name | null}
 */
function named({ geometry, properties }, level) {
  const name = nameOf(properties ?? {});
  const parts = geometry?.type === "Polygon" ? [geometry.coordinates] : geometry?.type === "MultiPolygon" ? geometry.coordinates : [];
  const found = parts.map(widest).sort((a, b) => b.degrees - a.degrees)[0]; // of islands the largest
  return name && found ? { name, level, place: L.latLng(found.lat, found.lon), degrees: found.degrees, high: found.high } : null;
}

export class AreaNames extends L.Layer {
  /**
   * @param {import("./stage.js").Stage} stage
   * @param {Record<string, GeoJSON.FeatureCollection>} shapes by level
   * @param {string | null | undefined} chosen its name is the map's title, so it does not stand in it
   */
  constructor(stage, shapes, chosen) {
    super();
    stage.pane("names", 270);
    stage.map.getPane("names")?.setAttribute("aria-hidden", "true"); // a tap tells each name
    const levels = DOWNWARDS.filter((level) => shapes[level]);
    /** @type {Name[]} */
    this.names = levels.flatMap((level) => shapes[level].features.filter(({ properties }) => properties?.code !== chosen)
      .map((feature) => named(feature, level)).filter((one) => one !== null).sort((a, b) => b.degrees - a.degrees));
    this.shown = L.layerGroup();
    /** @type {Map<string, number>} */
    this.widths = new Map();
    this.pen = document.createElement("canvas").getContext("2d");
  }

  /** @param {L.Map} map */
  onAdd(map) {
    map.addLayer(this.shown);
    map.on("moveend zoomend resize", this.place, this);
    const all = this.names.map(({ name }) => name).join("");
    const fonts = [400, 700].map((weight) => document.fonts.load(`${weight} 13px Sarabun`, all));
    Promise.allSettled(fonts).then(() => this.place()); // a name is measured with its own letters
    return this;
  }

  /** @param {L.Map} map */
  onRemove(map) {
    map.off("moveend zoomend resize", this.place, this);
    map.removeLayer(this.shown);
    return this;
  }

  /** @param {Name} one */
  width({ name, level }) {
    const key = `${level} ${name}`;
    let found = this.widths.get(key);
    if (found === undefined) {
      const { size, weight } = LETTERS[level];
      if (this.pen) this.pen.font = `${weight} ${size}px ${getComputedStyle(document.body).fontFamily}`;
      found = this.pen?.measureText(name).width ?? name.length * size;
      this.widths.set(key, found);
    }
    return found;
  }

  place() {
    if (!this._map) return;
    const map = this._map;
    this.shown.clearLayers();
    const view = map.getBounds().pad(0.1);
    const pixels = (256 * 2 ** map.getZoom()) / 360; // of a degree of longitude
    /** @type {number[][]} */
    const taken = [];
    for (const one of this.names) {
      const [wide, high] = [this.width(one), LETTERS[one.level].size * 1.4];
      if (!view.contains(one.place) || one.degrees * pixels < wide + 2 * AIR || one.high * pixels < high) continue;
      const { x, y } = map.latLngToLayerPoint(one.place);
      const box = [x - wide / 2 - AIR, y - high / 2, x + wide / 2 + AIR, y + high / 2];
      if (taken.some((other) => box[0] < other[2] && box[2] > other[0] && box[1] < other[3] && box[3] > other[1])) continue;
      taken.push(box);
      this.shown.addLayer(sign(one, wide, high));
    }
    document.documentElement.dataset.names = String(taken.length);
  }
}

/**
 * @param {Name} one
 * @param {number} wide
 * @param {number} high
 */
function sign({ name, level, place }, wide, high) {
  const text = document.createElement("span");
  text.textContent = name;
  const icon = L.divIcon({ html: text, className: `area-name is-${level}`, iconSize: [Math.ceil(wide) + 2, Math.ceil(high)] });
  return L.marker(place, { icon, pane: "names", interactive: false, keyboard: false });
}
