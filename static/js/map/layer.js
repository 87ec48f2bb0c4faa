// How the module of a layer fills the placeholder that folium's script has created for it, and gets its data.

import { stageOf } from "./stage.js";

const L = window.L;
/** @type {Record<string, Maps.State>} What came with the document, by the layer's name. */
const carried = JSON.parse(document.getElementById("map-data")?.textContent || "{}");

/**
 * Fills every layer of this kind in the document. `Layer` draws into the holder; its `show(state)` takes what there is
 * to show: from the document, or from the page around it, as often as it likes.
 * @param {string} kind the name of the class in Python
 * @param {new (holder: Maps.Holder, stage: import("./stage.js").Stage) => Maps.Filled} Layer
 */
export function define(kind, Layer) {
  for (const holder of L.mapapp.held.filter((one) => one.kind === kind)) {
    const stage = stageOf(holder.owner);
    const made = new Layer(holder, stage);
    stage.layers.push(made);
    if (Object.hasOwn(carried, holder.name)) made.show(carried[holder.name]);
    if (!L.mapapp.framed) document.documentElement.dataset.state = "shown";
  }
}
