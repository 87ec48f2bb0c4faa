// What a map begins with: its area as large as it gets between what stands at the map's edges.

const L = window.L;
const GAP = 8; // pixels between what is shown and a control
const GRID = 12; // pixels from one place that is tried to the next
const STEP = 0.1; // of a zoom: whole ones leave up to half of a frame empty
const SMALLEST = 1.6; // zooms that an area may become smaller to keep clear of everything

/** Thailand's land by bands of latitude, [west, south, east, north]: its box is half sea and neighbours. */
const THAILAND = [
  [99.16, 5.61, 102.07, 7.4], [97.85, 7.4, 100.47, 9.4], [97.84, 9.4, 100.09, 11.5], [99.09, 11.5, 102.93, 13.6],
  [98.16, 13.6, 105.59, 15.4], [98.45, 15.4, 105.65, 17], [97.39, 17, 104.82, 18.5], [97.35, 18.5, 101.32, 20.47],
].map(([west, south, east, north]) => L.latLngBounds([south, west], [north, east]));

/**
 * @typedef {{ left: number, top: number, right: number, bottom: number }} Box in pixels
 */

/**
 * The boxes of what stands on the map: buttons, scale, legend, notes of a saved map.
 * @param {L.Map} map
 */
export function obstacles(map) {
  return [...map.getContainer().querySelectorAll(".leaflet-control, .map-notes")]
    .filter((one) => getComputedStyle(one).visibility !== "hidden")
    .map((one) => boxIn(map, one))
    .filter(({ left, top, right, bottom }) => right > left && bottom > top);
}

/**
 * @param {L.Map} map
 * @param {Element} element
 * @returns {Box} measured from the map's left and top edge
 */
export function boxIn(map, element) {
  const { left, top } = map.getContainer().getBoundingClientRect();
  const box = element.getBoundingClientRect();
  return { left: box.left - left, top: box.top - top, right: box.right - left, bottom: box.bottom - top };
}

/**
 * Places from the middle outwards.
 * @param {number} slack
 */
function tried(slack) {
  const middle = slack / 2;
  const found = [middle];
  for (let away = GRID; away <= middle; away += GRID) found.push(middle - away, middle + away);
  return found;
}

/**
 * Where a shape of this size lies in the frame without touching anything, nearest to its middle.
 * @param {Box[]} parts of the shape, as shares of its width and height
 * @param {L.Point} shape in pixels
 * @param {L.Point} frame
 * @param {Box[]} boxes what stands there
 * @param {number} padding
 * @returns {L.Point | null} its left and top edge
 */
function placed(parts, shape, frame, boxes, padding) {
  const slack = frame.subtract(shape).subtract([2 * padding, 2 * padding]);
  if (slack.x < 0 || slack.y < 0) return null;
  for (const y of tried(slack.y)) {
    for (const x of tried(slack.x)) {
      const at = L.point(x + padding, y + padding);
      const hits = parts.some((part) => boxes.some((box) => at.x + part.left * shape.x < box.right + GAP && at.x + part.right * shape.x > box.left - GAP
        && at.y + part.top * shape.y < box.bottom + GAP && at.y + part.bottom * shape.y > box.top - GAP));
      if (!hits) return at;
    }
  }
  return null;
}

/** The view of a map: what it was last fitted to, again where the frame or what stands in it changes. */
export class View {
  /** @param {L.Map} map */
  constructor(map) {
    this.map = map;
    this.maps = [map]; // and those that move with it: what stands on any of them counts
    /** @type {{ bounds: L.LatLngBounds, padding: number } | null} */
    this.wanted = null;
    /** @type {{ center: L.LatLng, zoom: number } | null} */
    this.left = null; // as the map was left by the last fit
    map.options.zoomSnap = STEP;
    map.on("resize", () => this.again());
  }

  /**
   * @param {L.LatLngBoundsExpression} bounds
   * @param {number} padding
   */
  fit(bounds, padding, mostZoom = 15) {
    const { map } = this;
    const box = bounds instanceof L.LatLngBounds ? bounds : L.latLngBounds(/** @type {L.LatLngBoundsLiteral} */ (bounds));
    if (!this.place(box, padding, mostZoom)) map.fitBounds(box, { padding: [padding, padding], maxZoom: mostZoom, animate: false });
    this.wanted = { bounds: box, padding };
    this.left = { center: map.getCenter(), zoom: map.getZoom() };
  }

  /**
   * @param {L.LatLngBounds} bounds
   * @param {number} padding
   * @param {number} mostZoom
   */
  place(bounds, padding, mostZoom) {
    const { map } = this;
    const frame = map.getSize();
    const boxes = this.maps.flatMap(obstacles);
    const corner = map.project(bounds.getNorthWest(), 0);
    const size = map.project(bounds.getSouthEast(), 0).subtract(corner);
    const parts = (isThailand(bounds) ? THAILAND : [bounds]).map((part) => {
      const [from, to] = [part.getNorthWest(), part.getSouthEast()].map((place) => map.project(place, 0).subtract(corner));
      return { left: size.x ? from.x / size.x : 0, top: size.y ? from.y / size.y : 0, right: size.x ? to.x / size.x : 1, bottom: size.y ? to.y / size.y : 1 };
    });
    const room = frame.subtract([2 * padding, 2 * padding]);
    const most = Math.min(mostZoom, map.getMaxZoom(), Math.log2(Math.min(room.x / size.x, room.y / size.y)));
    for (let zoom = Math.floor(most / STEP) * STEP; zoom >= Math.max(most - SMALLEST, map.getMinZoom()); zoom -= STEP) {
      const at = placed(parts, size.multiplyBy(2 ** zoom), frame, boxes, padding);
      if (!at) continue;
      const center = corner.multiplyBy(2 ** zoom).subtract(at).add(frame.divideBy(2));
      map.setView(map.unproject(center, zoom), zoom, { animate: false });
      return true;
    }
    return false;
  }

  /** Fits again, unless a person has moved the map meanwhile. */
  again() {
    const { map, wanted, left } = this;
    if (!wanted || !left || map.getZoom() !== left.zoom) return;
    if (map.project(map.getCenter()).distanceTo(map.project(left.center)) < 3) this.fit(wanted.bounds, wanted.padding);
  }
}

/** @param {L.LatLngBounds} bounds */
function isThailand(bounds) {
  return [bounds.getNorth() - 20.47, bounds.getSouth() - 5.61, bounds.getWest() - 97.34, bounds.getEast() - 105.64].every((away) => Math.abs(away) < 0.2);
}
