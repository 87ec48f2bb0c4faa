// The map fills the screen: by the browser's full screen; where a frame may have none (iPhones), by the page around it.

import { make } from "./words.js";
import { on } from "./parent.js";
import { ask } from "./stage.js";

const PHONE = window.matchMedia("(max-width: 599px) and (pointer: coarse)"); // as in map.css

/**
 * @typedef {L.Map & { fullscreenControl?: L.Control & { link: HTMLAnchorElement }, toggleFullscreen(): void, _isFullscreen?: boolean }} Enlarged
 *   Leaflet's map with what leaflet.fullscreen adds to it
 */

/** @type {Enlarged[]} */
const known = [];
on("shrunk", () => { // by the page's Escape, or by going back
  for (const map of known) if (map._isFullscreen) map.toggleFullscreen();
});

/**
 * Ties the button to the page; answers whether the map fills the screen.
 * @param {L.Map} owner
 * @returns {() => boolean}
 */
export function large(owner) {
  const map = /** @type {Enlarged} */ (owner);
  const isLarge = () => map._isFullscreen === true;
  // On a phone it has a word, and a corner of its own: in the column of the others it would push the map aside.
  if (PHONE.matches) map.fullscreenControl?.setPosition("bottomleft");
  const link = map.fullscreenControl?.link;
  if (!link) return isLarge;
  const word = make("span", {}, link.title);
  link.classList.add("with-word");
  link.append(word);
  const byPage = () => document.fullscreenElement === null;
  map.on("enterFullscreen", () => {
    word.textContent = link.title;
    if (byPage()) ask({ type: "enlarge", on: true });
  });
  map.on("exitFullscreen", () => {
    word.textContent = link.title;
    ask({ type: "enlarge", on: false });
    link.focus({ preventScroll: true });
  });
  known.push(map);
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && isLarge() && byPage() && !map.getContainer().querySelector(".leaflet-popup")) map.toggleFullscreen();
  }, true);
  return isLarge;
}
