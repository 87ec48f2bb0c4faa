// The language of the page, as the page declares it.

const page = document.documentElement;

/** For Intl: with the calendar and the digits of the page. */
export const locale = page.dataset.locale || "en";

/** A time of day; %s is replaced by 14:05. */
export const clock = page.dataset.clock || "%s";

/**
 * A day in Bangkok in the same format as the server's: the pattern belongs to the language, such as "d MMM y".
 * @param {string} tag
 * @param {string} pattern
 * @param {Date} date
 */
export function dayIn(tag, pattern, date) {
  const month = pattern.includes("MMMM") ? "long" : "short";
  const parts = new Intl.DateTimeFormat(tag, { day: "numeric", month, year: "numeric", timeZone: "Asia/Bangkok" });
  /** @type {Record<string, string>} */
  const found = {};
  for (const part of parts.formatToParts(date)) found[part.type] = part.value;
  /** @type {Record<string, string>} */
  const named = { d: "day", M: "month", y: "year" };
  return pattern.replace(/d+|M+|y+/g, (sign) => found[named[sign[0] ?? ""] ?? ""] ?? "");
}

/** @param {Date} date */
export const day = (date) => dayIn(locale, page.dataset.day || "d MMM y", date);

/**
 * One of our addresses, in the language of this page's own address.
 * @param {URL} address
 */
export function inLanguage(address) {
  const lang = new URLSearchParams(location.search).get("lang");
  if (lang) address.searchParams.set("lang", lang);
  return address;
}
