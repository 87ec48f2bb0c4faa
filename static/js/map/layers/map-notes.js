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
    /** @type {HTMLElement | null} */
    this.box = null;
  }

  /** @param {Maps.State} state */
  show({ notes }) {
    if (!notes) return;
    this.box?.remove();
    const lines = notes.lines.map((line) => make("p", {}, line));
    const folded = make("details", { class: "map-notes" }, make("summary", {}, notes.title), ...lines);
    folded.open = window.innerWidth >= 600;
    const box = this.box = lines.length ? folded : make("p", { class: "map-notes" }, make("strong", {}, notes.title));
    if (lines.length) document.title = notes.title;
    const { L } = window;
    L.DomEvent.disableClickPropagation(box);
    L.DomEvent.disableScrollPropagation(box);
    this.stage.map.getContainer().append(box);
    this.stage.map.on("popupopen popupclose", ({ type }) => { // on a phone it would lie on the popup
      box.hidden = type === "popupopen" && window.innerWidth < 600;
    });
    this.stage.view.again(); // what is shown makes way
    document.documentElement.dataset.notes = "shown";
  }
}

define("MapNotes", MapNotes);
