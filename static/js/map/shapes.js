// A silhouette and a symbol for each type of facility, so that pins can be told apart without their colour. They come
// with the map's configuration; static/icons/<kind>.svg shows the same outside the map. On 32 × 32.

import { config } from "./words.js";

const SVG = "http://www.w3.org/2000/svg";

/**
 * The configuration of a type: its label, silhouette, symbol and corners; undefined for an unknown type.
 * @param {string | undefined} name
 */
export function kindOf(name) {
  return name !== undefined && Object.hasOwn(config.kinds, name) ? config.kinds[name] : undefined;
}

/** The pin that is being set: a drop whose tip is the location. */
export const DROP = {
  body: "M16 1a10.5 10.5 0 0 1 10.5 10.5C26.5 19 16 31 16 31S5.5 19 5.5 11.5A10.5 10.5 0 0 1 16 1z",
  sign: "M16 7.5a4 4 0 1 1 0 8 4 4 0 0 1 0-8z",
};

/**
 * The pin of a type (or another shape) as an SVG element; style classes show its state.
 * @param {string | Maps.Shape | undefined} kind
 */
export function drawn(kind) {
  const shape = typeof kind === "object" ? kind : kindOf(kind) ?? config.kinds[config.usual];
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 32 32");
  svg.setAttribute("aria-hidden", "true");
  for (const part of /** @type {const} */ (["body", "sign"])) {
    const path = document.createElementNS(SVG, "path");
    path.setAttribute("class", part);
    path.setAttribute("d", shape[part]);
    svg.append(path);
  }
  const bar = document.createElementNS(SVG, "path");
  bar.setAttribute("class", "bar");
  bar.setAttribute("d", "M4 28 28 4");
  svg.append(bar);
  return svg;
}
