// Two maps of one document: they move together, and a page around them tells each what to show. Runs after the layers.

import { on } from "./map/parent.js";
import { ask, stageOf } from "./map/stage.js";
import { locate } from "./map/controls.js";
import { gestures } from "./map/gestures.js";
import { large } from "./map/large.js";
import { say } from "./map/words.js";

const pair = [window.map_left, window.map_right];
const stages = pair.map((map) => stageOf(map));
const { view } = stages[0]; // one for both: what stands on either keeps clear of the area
view.maps.push(pair[1]);
stages[1].view = view;
let leading = false; // the one that is moved moves the other, not the other way round

pair.forEach((map, i) => map.on("move zoomend resize", () => {
  if (leading) return;
  leading = true;
  pair[1 - i].setView(map.getCenter(), map.getZoom(), { animate: false });
  leading = false;
}));

if (window.L.mapapp.framed) {
  for (const map of pair) {
    const isLarge = large(map);
    if (window.parent !== window) gestures(map, isLarge);
  }
  const [stage] = stages;
  const place = locate(stage.map, stage.notes, () => ask({ type: "locate" }));
  let fitted = ""; // later states only repaint; the first one, and a new place, moves the maps

  on("state", ({ state }) => {
    if (typeof state !== "object" || state === null) return;
    const { bounds, ...sides } = /** @type {Maps.PairState} */ (state);
    stages.forEach(({ layers }, i) => {
      const side = i ? sides.right : sides.left;
      if (!side) return;
      for (const layer of layers) layer.show(side);
      if (side.notes) pair[i].getContainer().setAttribute("aria-label", `${side.notes.title}. ${say("map")}`);
    });
    const key = JSON.stringify(bounds ?? null);
    if (Array.isArray(bounds) && bounds.length === 4 && bounds.every(Number.isFinite) && key !== fitted) {
      fitted = key;
      stage.fit([[bounds[1], bounds[0]], [bounds[3], bounds[2]]]);
    }
    document.documentElement.dataset.state = "shown";
  });
  on("hello", () => ask({ type: "ready" }));
  on("located", (message) => place.found(message));
  on("locate-failed", ({ text }) => place.failed(String(text ?? "")));
  ask({ type: "ready" });
}
