// Inside the map frame: passes messages of the page to every layer, and taps to the page. Runs after the layers.

import { on } from "./map/parent.js";
import { ask, stageOf } from "./map/stage.js";
import { locate } from "./map/controls.js";
import { gestures } from "./map/gestures.js";
import { large } from "./map/large.js";

const stage = stageOf(window.map_frame); // folium's variable
const place = locate(stage.map, stage.notes, () => ask({ type: "locate" }));
const isLarge = large(stage.map);
if (window.parent !== window) gestures(stage.map, isLarge); // opened by itself there is no page to scroll
let fitted = ""; // later states only repaint; the first one, and a new place, moves the map

/**
 * @param {Maps.State["bounds"]} box
 * @returns {box is [number, number, number, number]}
 */
function validBounds(box) {
  return Array.isArray(box) && box.length === 4 && box.every(Number.isFinite) && box[0] < box[2] && box[1] < box[3];
}

on("state", (message) => {
  if (typeof message.state !== "object" || message.state === null) return;
  const state = /** @type {Maps.State} */ (message.state);
  for (const layer of stage.layers) layer.show(state);
  const key = JSON.stringify(state.bounds ?? null);
  if (validBounds(state.bounds) && key !== fitted) {
    fitted = key;
    stage.fit([[state.bounds[1], state.bounds[0]], [state.bounds[3], state.bounds[2]]]);
  }
  document.documentElement.dataset.state = "shown"; // now the view belongs to the page, until a person moves the map
});
on("hello", () => ask({ type: "ready" }));
on("located", (message) => place.found(message));
on("locate-failed", ({ text }) => place.failed(String(text ?? "")));
ask({ type: "ready" });
