// Boundaries that are part of the document: drawn by Leaflet on a canvas, and found again by a tap.

import { INK, PAPER } from "./tiles.js";

const L = window.L;
/** @type {Record<string, L.PathOptions>} */
const LINES = {
  tambon: { color: INK, opacity: 0.28, weight: 0.6 }, amphoe: { color: INK, opacity: 0.4, weight: 1 },
  province: { color: INK, opacity: 0.65, weight: 1.4 },
};

/** @param {string} code */
export function levelOf(code) {
  return code.length === 2 ? "province" : code.length === 4 ? "amphoe" : "tambon";
}

/**
 * The land and the lines of one level.
 * @param {string} level
 * @param {GeoJSON.FeatureCollection} collection
 */
export function drawnShapes(level, collection) {
  const land = { stroke: false, fill: true, fillColor: PAPER, fillOpacity: 1 };
  const line = { fill: false, ...(LINES[level] ?? LINES.province) };
  return [["ground", land], ["boundaries", line]].map(([pane, style]) => L.geoJSON(collection, /** @type {L.GeoJSONOptions} */ ({
    pane, interactive: false, renderer: L.canvas({ pane: String(pane), padding: 0.3 }), style: () => style,
  })));
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
