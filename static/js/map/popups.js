// Popups: whole in the frame, under nothing, reached and left by keyboard.

import { say } from "./words.js";
import { boxIn, obstacles } from "./frame.js";

const L = window.L;
const GLIDES = 400; // milliseconds; Leaflet's own gliding takes 250
const NARROW = 600; // pixels: in a frame below it controls make way for a popup (map.css)
const EDGE = 8;

/**
 * What room there is for a popup in this frame.
 * @returns {L.PopupOptions}
 */
export function roomy() {
  const isNarrow = window.innerWidth < NARROW;
  const width = Math.min(280, window.innerWidth - (isNarrow ? 56 : 116));
  const left = isNarrow ? EDGE : 64; // beside the buttons
  const maxHeight = Math.max(120, window.innerHeight - 72); // its own edges and tip take the rest
  return { minWidth: Math.min(200, width), maxWidth: width, maxHeight, autoPanPaddingTopLeft: [left, EDGE], autoPanPaddingBottomRight: [EDGE, EDGE] };
}

/**
 * The shortest way by which a box comes into the frame and off all others; as far as it goes where there is none.
 * @param {import("./frame.js").Box} box
 * @param {import("./frame.js").Box[]} others
 * @param {L.Point} frame
 */
function clear(box, others, frame) {
  const limit = { left: EDGE - box.left, right: frame.x - EDGE - box.right, top: EDGE - box.top, bottom: frame.y - EDGE - box.bottom };
  /** @type {(by: number, least: number, most: number) => number} */
  const within = (by, least, most) => (least > most ? least : Math.min(Math.max(by, least), most));
  const inside = L.point(within(0, limit.left, limit.right), within(0, limit.top, limit.bottom));
  const across = [inside.x, ...others.flatMap((one) => [one.right + EDGE - box.left, one.left - EDGE - box.right])];
  const down = [inside.y, ...others.flatMap((one) => [one.bottom + EDGE - box.top, one.top - EDGE - box.bottom])];
  const ways = across.flatMap((x) => down.map((y) => L.point(within(x, limit.left, limit.right), within(y, limit.top, limit.bottom))));
  const free = ways.filter(({ x, y }) => !others.some((one) => box.left + x < one.right && box.right + x > one.left && box.top + y < one.bottom && box.bottom + y > one.top));
  return free.reduce((/** @type {L.Point | null} */ best, way) => (best && Math.hypot(best.x, best.y) <= Math.hypot(way.x, way.y) ? best : way), null) ?? inside;
}

/** Popups are whole and uncovered, and whoever opens one by keyboard is led into it, and by Escape back to the pin. */
export class Popups {
  /** @param {L.Map} map */
  constructor(map) {
    this.map = map;
    this.isMoving = false;
    /** @type {HTMLElement | null} */
    this.openedFrom = null;
    map.on("movestart", () => { this.isMoving = true; });
    map.on("moveend", () => { this.isMoving = false; });
    map.on("popupopen", ({ popup }) => this.opened(popup));
    map.on("popupclose", ({ popup }) => this.closed(popup));
    map.getContainer().addEventListener("keydown", (event) => {
      if (event.key === "Escape") map.closePopup();
    });
  }

  /**
   * Moves a popup off what covers it and into the frame: its letters came late and made it taller, more came to be told,
   * or the map still glided to another one when it opened. Leaflet looks only once, and knows of no controls.
   * @param {L.Popup} popup
   */
  makeRoom(popup) {
    if (this.isMoving) {
      this.map.once("moveend", () => this.makeRoom(popup)); // on a slow phone Leaflet's own gliding takes longer
      return;
    }
    const element = popup.getElement();
    if (!element || !popup.isOpen()) return;
    const by = clear(boxIn(this.map, element), obstacles(this.map), this.map.getSize());
    if (by.x || by.y) this.map.panBy(by.multiplyBy(-1));
  }

  /** @param {L.Popup} popup */
  opened(popup) {
    const { maxHeight, maxWidth } = roomy();
    if (popup.options.maxHeight !== maxHeight || popup.options.maxWidth !== maxWidth) { // the frame had another size
      Object.assign(popup.options, roomy());
      popup.update();
    }
    setTimeout(() => document.fonts.ready.then(() => this.makeRoom(popup)), GLIDES);
    const element = popup.getElement();
    element?.addEventListener("grown", () => { this.relaid(popup); });
    const closing = element?.querySelector(".leaflet-popup-close-button");
    closing?.setAttribute("aria-label", say("close"));
    closing?.setAttribute("href", `#${this.map.getContainer().id}`); // Leaflet's own "#close" is nowhere
    this.openedFrom = document.activeElement?.closest(".pin-holder") ?? null;
    if (this.openedFrom) element?.querySelector(".popup button, .popup a")?.focus({ preventScroll: true });
  }

  /**
   * More has come to be told.
   * @param {L.Popup} popup
   */
  relaid(popup) {
    const inner = popup.getElement()?.querySelector(".leaflet-popup-content");
    const { maxHeight = 0 } = popup.options;
    if (inner && inner.scrollHeight > maxHeight) Object.assign(inner.style, { height: `${maxHeight}px`, overflow: "auto" });
    this.makeRoom(popup);
  }

  /** @param {L.Popup} popup */
  closed(popup) {
    const inside = popup.getElement()?.contains(document.activeElement);
    if (inside) (this.openedFrom?.isConnected ? this.openedFrom : this.map.getContainer()).focus({ preventScroll: true });
  }
}
