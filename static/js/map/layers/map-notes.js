// What a saved map shows about itself: its title, and a folded text with its date and sources.

import { make } from "../words.js";
import { define } from "../layer.js";

class MapNotes {
  /**
   * @param {Maps.Holder} _holder
   * @param {import("../stage.js").Stage} stage
   */
  constructor(_holder, stage) {
    this.stage = stage;
  }

  /** @param {Maps.State} state */
  show({ notes }) {
    if (!notes) return;
    const lines = notes.lines.map((line) => make("p", {}, line));
    const box = make("details", { class: "map-notes" }, make("summary", {}, notes.title), ...lines);
    box.open = window.innerWidth >= 600;
    document.title = notes.title;
    const { L } = window;
    L.DomEvent.disableClickPropagation(box);
    L.DomEvent.disableScrollPropagation(box);
    this.stage.map.getContainer().append(box);
    document.documentElement.dataset.notes = "shown";
  }
}

define("MapNotes", MapNotes);
