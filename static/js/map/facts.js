// What a popup says of a facility, and what one can do about it.

import { config, day, distance, make, nameOf, number, say, spokenPhone } from "./words.js";
import { kindOf } from "./shapes.js";
import { button } from "./stage.js";

const L = window.L;

/**
 * The state a pin shows, as a style class and as words. Never by colour alone: fill, outline and bar differ too.
 * @param {Maps.Properties} properties
 * @returns {string}
 */
export function stateOf(properties) {
  if (properties.status === "full") return "full";
  if (properties.status === "closed" || properties.open?.reason === "temporarily_closed") return properties.status ?? "closed";
  if (!properties.open) { // a map that was saved: what is open when it is looked at nobody knows, but planned closures come
    const isShut = properties.status === "temporarily_closed" && !(Date.parse(properties.closed_from ?? "") > Date.now());
    return isShut ? "temporarily_closed" : "in_hours";
  }
  const open = properties.open.is_open;
  if (open === true) return "open";
  return open === false ? "closed_now" : "hours_unknown";
}

/**
 * Why this pin may not be true any more, in words: the dimming alone says nothing to a screen reader.
 * @param {Maps.Properties} properties
 */
export function warnings(properties) {
  return [properties.is_stale === true ? say("stale") : "", properties.doubtful_at ? say("doubtful") : ""].filter(Boolean);
}

/**
 * A count of what is free and the day it was counted.
 * @param {Maps.Properties} properties
 * @param {string} name
 */
function free(properties, name) {
  const known = /** @type {Record<string, unknown>} */ (properties);
  const count = known[name];
  if (typeof count !== "number" || !Number.isInteger(count)) return "";
  const at = known[config.counts[name] ?? ""];
  return typeof at === "string" && at ? say(name, { count: number(count), day: day(at) }) : say(`${name}_undated`, { count: number(count) });
}

/**
 * Of when a pin is and who stands for it: the one sentence that the pages say, too.
 * @param {Maps.Properties} properties
 */
function ofWhen({ confirmed_by: by, confirmed_at: at, verified_at: verified }) {
  if (by === "person") return say("by_person", { when: day(verified) });
  if (by !== "list") return say("by_nobody");
  return verified ? say("by_list_since", { day: day(at), when: day(verified) }) : say("by_list", { day: day(at) });
}

/** @param {string} stored as the API has it */
function sourceOf(stored) {
  return config.sources && Object.hasOwn(config.sources, stored) ? config.sources[stored] : stored.replace(/ \[\d{2,6}\]$/, "");
}

/**
 * All of it is text; nothing that came with the data is parsed.
 * @param {Maps.Properties} properties
 * @param {L.LatLng} position
 * @param {number | undefined} id
 * @param {HTMLElement | null} first what stands before the other buttons
 */
export function facts(properties, position, id, first = null) {
  const state = stateOf(properties);
  const box = make("div", { class: "popup" },
    make("strong", {}, nameOf(properties)),
    make("div", { class: "in-line" },
      make("p", {}, kindOf(properties.kind)?.label ?? ""),
      make("p", { class: `state is-${state}` }, say(state)),
      Number.isFinite(properties.distance_m) ? make("p", {}, say("distance", { distance: distance(properties.distance_m ?? 0) })) : null));
  for (const text of warnings(properties)) box.append(make("p", { class: "warning" }, text));
  if (properties.status === "temporarily_closed" && Date.parse(properties.closed_from ?? "") > Date.now()) {
    box.append(make("p", {}, say("closes", { day: day(properties.closed_from) })));
  }
  if (properties.hours) box.append(make("p", {}, properties.hours));
  if (properties.status !== "open" && properties.closed_reason) box.append(make("p", {}, String(properties.closed_reason)));
  for (const text of Object.keys(config.counts).map((name) => free(properties, name))) {
    if (text) box.append(make("p", {}, text));
  }
  if (properties.is_example === true) box.append(make("p", { class: "quiet" }, say("example")));
  for (const one of [first, ...calls(properties, first ? "" : "main"), ways(position)]) if (one) box.append(one);
  box.append(make("p", { class: "quiet" }, ofWhen(properties)));
  if (properties.source) box.append(make("p", { class: "quiet" }, say("source", { source: sourceOf(properties.source) })));
  const more = Number.isInteger(id) ? button(say("more"), { type: "open", path: `/facilities/${id}` }) : null;
  if (more) box.append(more);
  return box;
}

/**
 * Something to press: the page around does it; on a map that stands by itself it is a link.
 * @param {string} text
 * @param {Maps.Message} message
 * @param {string} address
 */
function act(text, message, address, style = "") {
  if (L.mapapp.framed) return button(text, message, style);
  const isPage = address.startsWith("https:");
  return make("a", { class: style, href: address, target: isPage ? "_blank" : null, rel: isPage ? "noopener noreferrer" : null }, text);
}

/**
 * Every number of a facility: the first, then extension and further ones, with the words between them.
 * @param {Maps.Properties} properties
 * @param {string} style of the first
 */
function calls({ phone, further_phones: further }, style) {
  const found = [];
  const dialled = typeof phone === "string" ? phone.replace(/[^\d+]/g, "") : "";
  if (dialled) found.push(act(say("call", { phone: spokenPhone(String(phone)) }), { type: "call", phone: dialled }, `tel:${dialled}`, style));
  if (Array.isArray(further) && further.length) {
    const line = make("p", { class: "further" });
    for (const { text, dial } of further) {
      const isNumber = typeof dial === "string" && /^\+?\d{3,15}(,\d{1,6})?$/.test(dial);
      const one = isNumber ? act(String(text), { type: "call", phone: dial }, `tel:${dial}`) : make("span", {}, String(text));
      if (one) line.append(one, " ");
    }
    found.push(line);
  }
  return found;
}

/**
 * How to get there, by the programs people have: Google Maps, the phone's own, OpenStreetMap.
 * @param {L.LatLng} position
 */
function ways({ lat, lng }) {
  const agent = navigator.userAgent;
  const place = `${lat},${lng}`;
  /** @type {[string, string, string][]} */
  const programs = [["google", "Google Maps", `https://www.google.com/maps/dir/?api=1&destination=${encodeURIComponent(place)}`]];
  if (/Android/i.test(agent)) programs.push(["geo", say("map_app"), `geo:${place}?q=${place}`]);
  if (/iPhone|iPad|Macintosh/.test(agent)) programs.push(["apple", "Apple Maps", `https://maps.apple.com/?daddr=${encodeURIComponent(place)}`]);
  programs.push(["osm", "OpenStreetMap", `https://www.openstreetmap.org/directions?to=${encodeURIComponent(place)}`]);
  const links = programs.map(([app, text, address]) => act(text, { type: "directions", app, lat, lon: lng }, address)).filter((one) => one !== null);
  return make("div", { class: "ways", role: "group", "aria-label": say("directions") }, make("span", {}, say("directions")), ...links);
}
