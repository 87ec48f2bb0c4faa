// A map in a page never holds the page: one finger and the plain wheel scroll it, two fingers and Ctrl with the wheel move
// and zoom the map. Where the map fills the screen there is nothing to scroll, so one finger and the wheel are the map's.

import { make, say } from "./words.js";

const SAID_FOR = 1600; // milliseconds
const MOVED = 8; // pixels: less is a tap

/** @param {EventTarget | null} target */
const isElsewhere = (target) => target instanceof Element && target.closest(".leaflet-control, .leaflet-popup, .leaflet-marker-draggable") !== null;

/**
 * @param {L.Map} map
 * @param {() => boolean} isLarge whether the map fills the screen
 */
export function gestures(map, isLarge) {
  const container = map.getContainer();
  const note = make("p", { class: "gesture-note", role: "status" });
  container.append(note);
  let hiding = 0;
  /** @param {string} text */
  const tell = (text) => {
    if (container.querySelector(".leaflet-popup")) return; // what is being read is not covered
    if (note.textContent !== text) note.textContent = text;
    clearTimeout(hiding);
    hiding = window.setTimeout(quiet, SAID_FOR);
  };
  const quiet = () => note.replaceChildren();

  map.scrollWheelZoom.disable();
  const key = /Mac|iPhone|iPad/.test(navigator.userAgent) ? "⌘" : "Ctrl";
  document.addEventListener("wheel", (event) => {
    if (!(event.target instanceof Node && container.contains(event.target))) return;
    const zooms = isLarge() || event.ctrlKey || event.metaKey;
    if (zooms) map.scrollWheelZoom.enable();
    else map.scrollWheelZoom.disable();
    if (!zooms && !isElsewhere(event.target)) tell(say("wheel_zooms", { key }));
  }, { capture: true, passive: true }); // before Leaflet's own, which is on the map

  const arrange = () => container.classList.toggle("scrolls-page", !isLarge());
  map.on("enterFullscreen exitFullscreen", arrange);
  arrange();
  container.addEventListener("pointerdown", ({ pointerType }) => {
    if (pointerType === "touch" && !isLarge()) map.dragging.disable();
    else map.dragging.enable();
  }, true);

  /** @type {{ x: number, y: number } | null} */
  let from = null;
  container.addEventListener("touchstart", ({ touches, target }) => {
    const alone = touches.length === 1 && !isLarge() && !isElsewhere(target);
    from = alone ? { x: touches[0].clientX, y: touches[0].clientY } : null;
    if (touches.length > 1) quiet();
  }, { passive: true });
  container.addEventListener("touchmove", ({ touches }) => {
    if (from && touches.length === 1 && Math.hypot(touches[0].clientX - from.x, touches[0].clientY - from.y) > MOVED) tell(say("two_fingers"));
  }, { passive: true });
}
