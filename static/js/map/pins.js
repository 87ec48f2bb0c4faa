// Facilities as pins and clusters.

import { make, nameOf, number, say } from "./words.js";
import { drawn, kindOf } from "./shapes.js";
import { roomy } from "./popups.js";
import { facts, stateOf, warnings } from "./facts.js";

const L = window.L;

/** @param {Maps.Feature | undefined} feature */
function positionOf(feature) {
  const [lon, lat] = feature?.geometry?.coordinates ?? [];
  return Number.isFinite(lat) && Number.isFinite(lon) ? L.latLng(lat, lon) : null;
}

/**
 * A marker that can be reached by keyboard and has a label for screen readers.
 * @param {L.LatLng} position
 * @param {HTMLElement} element
 * @param {string} spoken
 * @param {number} size
 */
function marker(position, element, spoken, size) {
  const icon = L.divIcon({ html: element, className: "pin-holder", iconSize: [size, size] });
  const made = L.marker(position, { icon, keyboard: true, riseOnHover: true });
  made.on("add", () => made.getElement()?.setAttribute("aria-label", spoken));
  return made;
}

/**
 * One facility. `place` is its number in the list of results, if there is one.
 * @param {Maps.Feature} feature
 * @param {number | null} place
 */
export function pin(feature, place = null) {
  const position = positionOf(feature);
  if (!position) return null;
  const properties = feature.properties ?? {};
  const state = stateOf(properties);
  const element = make("span", { class: `pin is-${state}${properties.is_stale === true ? " is-stale" : ""}` }, drawn(properties.kind));
  if (place !== null) element.append(make("b", {}, String(place)));
  const spoken = [place, nameOf(properties), kindOf(properties.kind)?.label ?? "", say(state), ...warnings(properties)].filter(Boolean).join(", ");
  const made = marker(position, element, spoken, 32);
  made.bindPopup(() => facts(properties, position, feature.id ?? properties.id), roomy());
  return made;
}

/**
 * @param {Maps.Feature} feature
 * @param {L.Map} map
 */
export function cluster(feature, map) {
  const position = positionOf(feature);
  const count = feature.properties?.count;
  if (!position || count === undefined || !Number.isFinite(count)) return null;
  const size = count < 10 ? 34 : count < 100 ? 40 : 46;
  const text = number(count);
  const made = marker(position, make("span", { class: "cluster" }, text), say("cluster", { count: text }), size);
  const enter = () => map.setView(position, Math.min(map.getZoom() + 2, map.getMaxZoom()));
  made.on("click", enter);
  made.on("keypress", (event) => /** @type {L.LeafletKeyboardEvent} */ (event).originalEvent.key === "Enter" && enter());
  return made;
}
