// Settings and texts of this map document, and how numbers, distances and days are written.

/** @type {Maps.Config} */
export const config = JSON.parse(document.getElementById("map-config")?.textContent ?? "");

const locale = config.lang === "th" ? "th-TH-u-nu-latn-ca-buddhist" : "en-GB";

/**
 * The text of this name, its %(name)s places filled.
 * @param {string} name
 * @param {Record<string, unknown>} values
 */
export function say(name, values = {}) {
  return (config.texts[name] ?? name).replace(/%\((\w+)\)s/g, (_all, key) => String(values[key] ?? ""));
}

/**
 * Builds an element. Text only ever becomes text: nothing in here parses HTML.
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {{ onclick?: () => void } & Record<string, string | (() => void) | null | undefined>} attributes
 * @param {(Node | string | null | undefined)[]} children
 */
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener("click", value);
    else if (value !== null && value !== undefined) element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child instanceof Node || Boolean(child)).map((child) => child ?? ""));
  return element;
}

/** @param {number} value */
export function number(value, digits = 0) {
  return new Intl.NumberFormat("en-GB", { minimumFractionDigits: digits, maximumFractionDigits: digits }).format(value);
}

/**
 * A figure with as many digits as help: 3 significant ones below 1,000.
 * @param {number} value
 */
export function figure(value) {
  if (value === 0 || Math.abs(value) >= 100) return number(value);
  return new Intl.NumberFormat("en-GB", { maximumSignificantDigits: Math.abs(value) < 1 ? 2 : 3 }).format(value);
}

/** @param {number} metres */
export function distance(metres) {
  if (metres < 995) return `${number(metres >= 100 ? Math.round(metres / 10) * 10 : metres)} ${say("unit_m")}`;
  return `${number(metres / 1000, 1)} ${say("unit_km")}`;
}

/** @param {string | null | undefined} text */
export function day(text) {
  const moment = new Date(text ?? "");
  if (Number.isNaN(moment.getTime())) return "";
  const parts = new Intl.DateTimeFormat(locale, {
    day: "numeric", month: "short", year: "numeric", timeZone: "Asia/Bangkok",
  }).formatToParts(moment).filter((part) => ["day", "month", "year"].includes(part.type));
  return parts.map((part) => part.value).join(" ");
}

/**
 * The name in the page's language; Thai where there is no English one.
 * @param {{ name_th?: string, name_en?: string }} properties
 */
export function nameOf(properties) {
  const name = config.lang === "en" ? properties.name_en || properties.name_th : properties.name_th;
  return name ? String(name) : "";
}
