// Counts by province, for views in which whole provinces are small: each at a point inside its province, none over another.

import { make, nameOf, number, say } from "./words.js";

const L = window.L;

/** Below this zoom there are counts by province; clusters and pins from it on. The API counts so, too. */
export const PROVINCES_BELOW = 7;
const NARROW = 600; // pixels: on a frame this wide or wider signs are larger
const APART = 2; // pixels between two signs

/** @param {L.Map} map */
export const showsProvinces = (map) => Math.round(map.getZoom()) < PROVINCES_BELOW;

/**
 * The size of a sign with this count: large enough for a finger, small enough for most provinces of a phone's map.
 * @param {number} count
 * @param {L.Map} map
 * @returns {[number, number]}
 */
export function sizeOf(count, map) {
  const height = map.getSize().x < NARROW ? 24 : 28;
  return [Math.max(height, 10 + 7 * number(count).length), height];
}

/**
 * What stands for several counts because they would touch: the one with most keeps its place, its neighbours join it.
 * @template {{ lat: number, lon: number, count: number }} One
 * @param {One[]} found
 * @param {L.Map} map
 * @returns {{ all: One[], count: number }[]} in each the one with most first
 */
export function apart(found, map) {
  const groups = found.map((one) => ({ all: [one], count: one.count, at: map.latLngToLayerPoint([one.lat, one.lon]), size: sizeOf(one.count, map) }));
  /** @type {(a: typeof groups[0], b: typeof groups[0]) => boolean} */
  const touch = (a, b) => Math.abs(a.at.x - b.at.x) < (a.size[0] + b.size[0]) / 2 + APART && Math.abs(a.at.y - b.at.y) < (a.size[1] + b.size[1]) / 2 + APART;
  for (;;) {
    let [least, joins, joined] = [Infinity, -1, -1];
    for (let i = 0; i < groups.length; i += 1) {
      for (let j = i + 1; j < groups.length; j += 1) {
        const distance = groups[i].at.distanceTo(groups[j].at);
        if (distance < least && touch(groups[i], groups[j])) [least, joins, joined] = [distance, i, j];
      }
    }
    if (joined < 0) return groups;
    const [most, less] = groups[joins].count < groups[joined].count ? [groups[joined], groups[joins]] : [groups[joins], groups[joined]];
    most.all.push(...less.all);
    most.count += less.count;
    most.size = sizeOf(most.count, map);
    groups.splice(groups.indexOf(less), 1);
  }
}

/**
 * A province and its count, as the API tells it.
 * @param {Maps.Feature} feature
 */
function counted({ geometry, properties = {}, bbox }) {
  const [lon, lat] = geometry?.coordinates ?? [];
  const count = Number(properties.count ?? 1);
  if (![lat, lon, count].every(Number.isFinite)) return [];
  const [west, south, east, north] = bbox?.every(Number.isFinite) ? bbox : [lon, lat, lon, lat];
  return [{ lat, lon, count, name: nameOf(properties), box: L.latLngBounds([south, west], [north, east]) }];
}

/**
 * The signs of these counts; a tap goes into the province, or into those that one sign stands for.
 * @param {Maps.Feature[]} features
 * @param {import("./stage.js").Stage} stage
 */
export function signs(features, stage) {
  return apart(features.flatMap(counted), stage.map).map(({ all, count }) => {
    const [{ lat, lon, name }] = all;
    const text = number(count);
    const values = { name, count: text, more: number(all.length - 1) };
    const spoken = say(!name ? "cluster" : all.length > 1 ? "provinces" : "province_count", values);
    const icon = L.divIcon({ html: make("span", { class: "cluster is-area" }, text), className: "pin-holder", iconSize: sizeOf(count, stage.map) });
    const made = L.marker([lat, lon], { icon, keyboard: true, riseOnHover: true, title: spoken });
    made.on("add", () => made.getElement()?.setAttribute("aria-label", spoken));
    const enter = () => into(all.map(({ box }) => box), stage);
    made.on("click", enter);
    made.on("keypress", (event) => /** @type {L.LeafletKeyboardEvent} */ (event).originalEvent.key === "Enter" && enter());
    return made;
  });
}

/**
 * @param {L.LatLngBounds[]} boxes
 * @param {import("./stage.js").Stage} stage
 */
function into(boxes, { map, view }) {
  const box = boxes.reduce((whole, one) => whole.extend(one), L.latLngBounds(boxes[0].getSouthWest(), boxes[0].getNorthEast()));
  view.fit(box, 16, 11);
  // A wide province in a low frame would show its own count again.
  if (boxes.length === 1 && map.getZoom() < PROVINCES_BELOW) map.setView(box.getCenter(), PROVINCES_BELOW, { animate: false });
  map.getContainer().focus({ preventScroll: true }); // the sign that was tapped is gone
}
