// Parts of the page that works without a connection, and its words.

const page = /** @type {HTMLElement} */ (document.querySelector("[data-offline]"));

/** @type {any} */
export const words = JSON.parse(page.dataset.words ?? "{}");
/** @type {Record<string, string>} */
export const marks = JSON.parse(page.dataset.marks ?? "{}");
/** @type {Record<string, string>} */
export const groupNames = JSON.parse(page.dataset.groups ?? "{}");
/** @type {Record<string, string>} */
export const fieldNames = JSON.parse(page.dataset.fields ?? "{}");

/**
 * @param {string} selector
 * @returns {HTMLElement}
 */
export const part = (selector) => /** @type {HTMLElement} */ (page.querySelector(selector));

/**
 * @param {string} selector
 * @returns {HTMLElement[]}
 */
export const parts = (selector) => [...page.querySelectorAll(selector)].map((one) => /** @type {HTMLElement} */ (one));

/**
 * @param {string} selector
 * @param {boolean} is
 */
export function shown(selector, is) {
  part(selector).hidden = !is;
}

/**
 * Text with its places filled: {num}.
 * @param {string} text
 * @param {Record<string, string | number>} values
 */
export const fill = (text, values) => Object.entries(values).reduce((made, [name, value]) => made.replace(`{${name}}`, String(value)), text);

/** @param {string} text */
export function say(text) {
  part("[data-said]").textContent = text;
  shown("[data-said]", text !== "");
}
