// Facilities as pins and clusters, and their popups.

import { config, day, distance, make, nameOf, number, say } from "./words.js";
import { drawn, kindOf } from "./shapes.js";
import { button, roomy } from "./stage.js";

const L = window.L;

/**
 * The state of a pin, as a style class and as words. Never by colour alone: fill, outline and bar differ too.
 * @param {Maps.Properties} properties
 * @returns {string}
 */
function stateOf(properties) {
  if (properties.status === "full") return "full";
  if (properties.status === "closed" || properties.open?.reason === "temporarily_closed") return properties.status ?? "closed";
  if (!properties.open) { // a saved map: whether it is open when the map is read is unknown, but planned closures are known
    const isShut = properties.status === "temporarily_closed" && !(Date.parse(properties.closed_from ?? "") > Date.now());
    return isShut ? "temporarily_closed" : "in_hours";
  }
  const open = properties.open.is_open;
  if (open === true) return "open";
  return open === false ? "closed_now" : "hours_unknown";
}

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
  made.bindPopup(() => popup(properties, position, feature.id ?? properties.id), roomy());
  return made;
}

/**
 * Why this information may be out of date, in words: screen readers do not notice the pale colour.
 * @param {Maps.Properties} properties
 */
function warnings(properties) {
  return [properties.is_stale === true ? say("stale") : "", properties.doubtful_at ? say("doubtful") : ""].filter(Boolean);
}

/**
 * A count of what is free and the day it was counted.
 * @param {Maps.Properties} properties
 * @param {string} name
 */
function free(properties, name) {
  const facts = /** @type {Record<string, unknown>} */ (properties);
  const count = facts[name];
  if (typeof count !== "number" || !Number.isInteger(count)) return "";
  const at = facts[config.counts[name] ?? ""];
  return typeof at === "string" && at ? say(name, { count: number(count), day: day(at) }) : say(`${name}_undated`, { count: number(count) });
}

/**
 * The date of the information and its source: the same sentence as on the pages.
 * @param {Maps.Properties} properties
 */
function ofWhen({ confirmed_by: by, confirmed_at: at, verified_at: verified }) {
  if (by === "person") return say("by_person", { when: day(verified) });
  if (by !== "list") return say("by_nobody");
  return verified ? say("by_list_since", { day: day(at), when: day(verified) }) : say("by_list", { day: day(at) });
}

/**
 * Content and links of a popup. All content is text; nothing from the data is parsed as HTML.
 * @param {Maps.Properties} properties
 * @param {L.LatLng} position
 * @param {number | undefined} id
 */
function popup(properties, position, id) {
  const state = stateOf(properties);
  const facts = make("div", { class: "popup" },
    make("strong", {}, nameOf(properties)),
    make("p", {}, kindOf(properties.kind)?.label ?? ""),
    make("p", { class: `state is-${state}` }, say(state)));
  for (const text of warnings(properties)) facts.append(make("p", { class: "warning" }, text));
  if (properties.status === "temporarily_closed" && Date.parse(properties.closed_from ?? "") > Date.now()) {
    facts.append(make("p", {}, say("closes", { day: day(properties.closed_from) })));
  }
  if (properties.hours) facts.append(make("p", {}, properties.hours));
  if (properties.status !== "open" && properties.closed_reason) facts.append(make("p", {}, String(properties.closed_reason)));
  for (const text of Object.keys(config.counts).map((name) => free(properties, name))) {
    if (text) facts.append(make("p", {}, text));
  }
  if (properties.is_example === true) facts.append(make("p", { class: "quiet" }, say("example")));
  if (properties.distance_m !== undefined && Number.isFinite(properties.distance_m)) {
    facts.append(make("p", {}, say("distance", { distance: distance(properties.distance_m) })));
  }
  facts.append(make("p", { class: "quiet" }, ofWhen(properties)));
  const phone = typeof properties.phone === "string" ? properties.phone.replace(/[^\d+]/g, "") : "";
  facts.append(...actions(position, phone, phone && say("call", { phone: properties.phone }), id));
  return facts;
}

/**
 * Actions for a facility: the page around the frame runs them; on a saved map they are links.
 * @param {L.LatLng} position
 * @param {string} phone
 * @param {string} call
 * @param {number | undefined} id
 */
function actions({ lat, lng }, phone, call, id) {
  /** @type {(HTMLElement | null)[]} */
  const found = L.mapapp.framed ? [
    phone ? button(call, { type: "call", phone }, "main") : null,
    button(say("directions"), { type: "directions", lat, lon: lng }),
    Number.isInteger(id) ? button(say("more"), { type: "open", path: `/facilities/${id}` }) : null,
  ] : [
    phone ? make("a", { class: "main", href: `tel:${phone}` }, call) : null,
    make("a", { href: `https://www.openstreetmap.org/directions?to=${lat}%2C${lng}`, target: "_blank", rel: "noopener noreferrer" }, say("directions")),
  ];
  return found.filter((one) => one !== null);
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
