// Settings and texts of this map document, and the formats of numbers, distances and days.

import { dayIn } from "../language.js";

/** @type {Maps.Config} */
export const config = JSON.parse(document.getElementById("map-config")?.textContent ?? "");

/**
 * The text of this name, with its %(name)s placeholders filled.
 * @param {string} name
 * @param {Record<string, unknown>} values
 */
export function say(name, values = {}) {
  return (config.texts[name] ?? name).replace(/%\((\w+)\)s/g, (_all, key) => String(values[key] ?? ""));
}

/**
 * Builds an element. Text is only ever inserted as text: nothing here parses HTML.
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
  return new Intl.NumberFormat(config.locale, { minimumFractionDigits: digits, maximumFractionDigits: digits }).format(value);
}

/**
 * A figure with a useful number of digits: 3 significant ones below 1,000.
 * @param {number} value
 */
export function figure(value) {
  if (value === 0 || Math.abs(value) >= 100) return number(value);
  return new Intl.NumberFormat(config.locale, { maximumSignificantDigits: Math.abs(value) < 1 ? 2 : 3 }).format(value);
}

/**
 * @param {string} unit
 * @param {number} value
 * @param {number} digits
 */
function inUnit(unit, value, digits) {
  const digitsAfter = { minimumFractionDigits: digits, maximumFractionDigits: digits };
  return new Intl.NumberFormat(config.locale, { style: "unit", unit, unitDisplay: "short", ...digitsAfter }).format(value);
}

/** @param {number} metres */
export function distance(metres) {
  if (metres < 995) return inUnit("meter", metres >= 100 ? Math.round(metres / 10) * 10 : metres, 0);
  return inUnit("kilometer", metres / 1000, 1);
}

/**
 * A number as people here write it: +6653920300 is 053 920 300; one from abroad and a hotline stay as they are.
 * @param {string} stored E.164, or a hotline
 */
export function spokenPhone(stored) {
  const national = /^\+66(\d{8,9})$/.exec(stored)?.[1];
  if (!national) return stored;
  if (national.length === 9) return `0${national.slice(0, 2)} ${national.slice(2, 5)} ${national.slice(5)}`;
  return national.startsWith("2") ? `02 ${national.slice(1, 4)} ${national.slice(4)}` : `0${national.slice(0, 2)} ${national.slice(2, 5)} ${national.slice(5)}`;
}

/**
 * A round distance as a label has it: "5 km", not "5.0 km", with the unit as the page writes it.
 * @param {number} metres
 */
export function distanceName(metres) {
  return metres < 1000 ? `${figure(metres)} ${say("unit_m")}` : `${figure(metres / 1000)} ${say("unit_km")}`;
}

/** @param {string | null | undefined} text */
export function day(text) {
  const moment = new Date(text ?? "");
  if (Number.isNaN(moment.getTime())) return "";
  return dayIn(config.locale, config.day, moment);
}

/**
 * The name in the first of the page's languages that has one.
 * @param {Record<string, any>} properties
 */
export function nameOf(properties) {
  const name = config.names.map((lang) => Object.entries(properties).find(([key]) => key === `name_${lang}`)?.[1]).find((found) => found);
  return name ? String(name) : "";
}
