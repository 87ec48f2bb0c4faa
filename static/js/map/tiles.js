// Boundaries and choropleth: vector tiles drawn by protomaps-leaflet.

import { config } from "./words.js";

export const INK = "#2f3e46";
export const PAPER = "#f6f4ee";

/**
 * A layer of our vector tiles below an address. `onState` is called with the number of loading tiles and whether one
 * has failed.
 * @param {string} address
 * @param {string} name
 * @param {Protomaps.Options} options
 * @param {Maps.OnTiles} onState
 */
function layer(address, name, options, onState) {
  const made = window.protomapsL.leafletLayer({
    sources: { "": { url: `${address}/${name}/{z}/{x}/{y}.mvt`, maxDataZoom: 14, levelDiff: 1 } },
    attribution: "",
    lang: config.lang,
    noWrap: true,
    bounds: [[config.bounds[1] - 1, config.bounds[0] - 1], [config.bounds[3] + 1, config.bounds[2] + 1]],
    tileDelay: 1,
    // Labels are measured with the page's font, so nothing is drawn before it is loaded (or has failed to load).
    tasks: [document.fonts.load("400 13px Sarabun", "กA").then((value) => ({ status: "fulfilled", value }))],
    ...options,
  });
  const cache = made.views.get("").tileCache;
  const get = cache.source.get.bind(cache.source);
  let waiting = 0;
  cache.source.get = async (...place) => {
    onState({ waiting: ++waiting });
    try {
      return await get(...place);
    } catch (error) {
      if (!(error instanceof Error) || error.name !== "AbortError") onState({ failed: true });
      // An aborted tile is requested again when it is needed; a failed one by "Try again". Neither must cause an error.
      throw Object.assign(new Error("tile"), { name: "AbortError" });
    } finally {
      onState({ waiting: --waiting });
    }
  };
  return made;
}

class Line {
  /**
   * @param {string} color
   * @param {(zoom: number) => number} width
   */
  constructor(color, width) {
    this.color = color;
    this.width = width;
  }

  /**
   * @param {CanvasRenderingContext2D} context
   * @param {Protomaps.Point[][]} rings
   * @param {number} zoom
   */
  draw(context, rings, zoom) {
    context.strokeStyle = this.color;
    context.lineWidth = this.width(zoom);
    context.lineJoin = "round";
    trace(context, rings);
    context.stroke();
  }
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Protomaps.Point[][]} rings
 */
function trace(context, rings) {
  context.beginPath();
  for (const ring of rings) {
    ring.forEach((point, i) => (i ? context.lineTo(point.x, point.y) : context.moveTo(point.x, point.y)));
  }
}

/**
 * @param {string} level
 * @param {number | ((zoom: number) => number)} size
 * @param {number} weight
 * @param {string} color
 */
function label(level, size, weight, color) {
  const { TextSymbolizer, CenteredSymbolizer } = window.protomapsL;
  return {
    dataLayer: `${level}_label`,
    symbolizer: new CenteredSymbolizer(new TextSymbolizer({
      labelProps: config.names.map((lang) => `name_${lang}`),
      fontFamily: "Sarabun, sans-serif", fontSize: size, fontWeight: weight, maxLineChars: 40,
      fill: color, stroke: "rgba(255,255,255,0.9)", width: 2,
    })),
  };
}

/**
 * Thin lines and names, above all other layers.
 * @param {string} address
 * @param {number} minZoom
 * @param {Maps.OnTiles} onState
 */
export function boundaries(address, minZoom, onState) {
  const paintRules = [
    { dataLayer: "tambon", minzoom: 10, symbolizer: new Line("rgba(47,62,70,0.28)", () => 0.6) },
    { dataLayer: "amphoe", minzoom: 7, symbolizer: new Line("rgba(47,62,70,0.4)", (z) => (z < 10 ? 0.6 : 1)) },
    { dataLayer: "province", symbolizer: new Line("rgba(47,62,70,0.65)", (z) => (z < 8 ? 0.8 : 1.4)) },
  ];
  const labelRules = [
    label("province", (zoom) => (zoom < 6 ? 11 : 13), 700, INK), label("amphoe", 13, 400, "#3d4f58"), label("tambon", 12, 400, "#55656d"),
  ];
  return layer(address, "areas", { paintRules, labelRules, pane: "boundaries", minZoom }, onState);
}

/**
 * The land itself, below all other layers: visible without a raster map. Drawn from the tiles of `lines`.
 * @param {string} address
 * @param {Protomaps.Layer} lines
 */
export function ground(address, lines) {
  /** @type {Protomaps.Symbolizer} */
  const paper = {
    draw(context, rings) {
      context.fillStyle = PAPER;
      trace(context, rings);
      context.fill();
    },
  };
  const made = layer(address, "areas", { paintRules: [{ dataLayer: "province", symbolizer: paper }], pane: "ground" }, () => {});
  made.views = lines.views;
  return made;
}

/** The pattern of an area without a figure. */
export function hatch() {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = 8;
  const context = canvas.getContext("2d");
  if (!context) return "#eceff1"; // no canvas: a plain colour
  context.fillStyle = "#eceff1";
  context.fillRect(0, 0, 8, 8);
  context.strokeStyle = "#90a0a8";
  context.lineWidth = 1;
  context.beginPath();
  for (const start of [-8, 0, 8]) {
    context.moveTo(start, 8);
    context.lineTo(start + 8, 0);
  }
  context.stroke();
  return context.createPattern(canvas, "repeat") ?? "#eceff1";
}

/**
 * The choropleth of one level. `figures.colour(code)` returns a colour, null for "no data", undefined for "not shown".
 * @param {string} address
 * @param {string} level
 * @param {import("./figures.js").Figures} figures
 * @param {Maps.OnTiles} onState
 */
export function choropleth(address, level, figures, onState) {
  const pattern = hatch();
  /** @type {Protomaps.Symbolizer} */
  const fill = {
    draw(context, rings, zoom, feature) {
      const colour = figures.colour(String(feature.id));
      if (colour === undefined) return;
      trace(context, rings);
      context.fillStyle = colour ?? pattern;
      context.fill();
      // A thin line in the same colour closes the gaps between neighbours; at higher zoom, a light line separates them.
      context.strokeStyle = zoom < 8 ? colour ?? "#c5ced3" : "rgba(255,255,255,0.75)";
      context.lineWidth = 0.5;
      context.stroke();
    },
  };
  const chosen = new Line("#0b4f6c", () => 3);
  /** @type {Protomaps.Rule[]} */
  const paintRules = [
    { dataLayer: level, symbolizer: fill },
    { dataLayer: level, symbolizer: chosen, filter: (_zoom, feature) => String(feature.id) === figures.chosen },
  ];
  return layer(address, level, { paintRules, labelRules: [], pane: "figures" }, onState);
}

/**
 * The code of the smallest area of these layers (ordered from small to large) at a location, from loaded tiles.
 * @param {Protomaps.Layer} tiles
 * @param {L.LatLng} latlng
 * @param {string[]} layers
 */
export function pick(tiles, latlng, layers) {
  const found = tiles.queryTileFeaturesDebug(latlng.lng, latlng.lat, 1).get("") ?? [];
  for (const name of layers) {
    const hit = found.find((item) => item.layerName === name);
    if (hit?.feature.id) return String(hit.feature.id);
  }
  return null;
}
