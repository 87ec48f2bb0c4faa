// Boundaries that are part of the document: drawn by Leaflet on a canvas, and found again by a tap.

import { INK, PAPER } from "./tiles.js";

const L = window.L;
/** @type {Record<string, L.PathOptions>} */
const LINES = {
  tambon: { color: INK, opacity: 0.28, weight: 0.6 }, amphoe: { color: INK, opacity: 0.4, weight: 1 },
  province: { color: INK, opacity: 0.65, weight: 1.4 },
};

/** @type {L.PathOptions} */
const CHOSEN = { color: "#0b4f6c", opacity: 1, weight: 3 };
const UPWARDS = ["tambon", "amphoe", "province"];

/** @param {string} code */
export function levelOf(code) {
  return code.length === 2 ? "province" : code.length === 4 ? "amphoe" : "tambon";
}

/** Boundaries as they came, on one canvas for all land and one for all lines: each canvas costs a phone memory. */
export class DrawnShapes {
  /** @param {Maps.Holder} holder */
  constructor(holder) {
    this.holder = holder;
    this.canvases = Object.fromEntries(["ground", "boundaries"].map((pane) => [pane, L.canvas({ pane, padding: 0.3 })]));
  }

  /**
   * @param {string} pane
   * @param {GeoJSON.GeoJsonObject} shapes
   * @param {L.PathOptions} style
   */
  draw(pane, shapes, style) {
    const options = { pane, interactive: false, renderer: this.canvases[pane], style: () => style };
    const made = L.geoJSON(shapes, /** @type {L.GeoJSONOptions} */ (options));
    this.holder.addLayer(made);
    return made;
  }

  /**
   * The land, the lines of every level, the large ones above the small ones, and around the chosen area a strong one.
   * @param {Record<string, GeoJSON.FeatureCollection>} shapes
   * @param {string | null | undefined} chosen
   * @returns {L.LatLngBounds | null} where all of it lies
   */
  show(shapes, chosen) {
    const levels = UPWARDS.filter((level) => shapes[level]);
    if (!levels.length) return null;
    const land = this.draw("ground", shapes[levels[0]], { stroke: false, fill: true, fillColor: PAPER, fillOpacity: 1 });
    for (const level of levels) this.draw("boundaries", shapes[level], { fill: false, ...LINES[level] });
    const own = levels.flatMap((level) => shapes[level].features).find(({ properties }) => properties?.code === chosen);
    if (own) this.draw("boundaries", own, { fill: false, ...CHOSEN });
    const bounds = land.getBounds();
    return bounds.isValid() ? bounds : null;
  }
}

/**
 * @param {number[][]} ring
 * @param {L.LatLng} latlng
 */
function isInside(ring, { lat, lng }) {
  let inside = false;
  for (let i = 0, before = ring.length - 1; i < ring.length; before = i, i += 1) {
    const [x, y] = ring[i];
    const [px, py] = ring[before];
    if (y > lat !== py > lat && lng < ((px - x) * (lat - y)) / (py - y) + x) inside = !inside;
  }
  return inside;
}

/**
 * The code of the smallest area at a place; levels are named from small to large.
 * @param {Record<string, GeoJSON.FeatureCollection>} shapes
 * @param {L.LatLng} latlng
 * @param {string[]} levels
 */
export function pickShape(shapes, latlng, levels) {
  for (const level of levels) {
    const hit = shapes[level]?.features.find(({ geometry }) => {
      const polygons = geometry?.type === "Polygon" ? [geometry.coordinates] : geometry?.type === "MultiPolygon" ? geometry.coordinates : [];
      // Holes reverse it: a point in a hole is inside two rings.
      return polygons.some((rings) => rings.reduce((inside, ring) => inside !== isInside(ring, latlng), false));
    });
    const code = hit?.properties?.code;
    if (typeof code === "string" && /^\d{2,6}$/.test(code)) return code;
  }
  return null;
}
