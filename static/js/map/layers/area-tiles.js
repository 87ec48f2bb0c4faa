// Boundaries and names over plain land, from vector tiles or from shapes in the document.

import { make, nameOf, say } from "../words.js";
import { define } from "../layer.js";
import { button } from "../stage.js";
import { roomy } from "../popups.js";
import { boundaries, ground, pick } from "../tiles.js";
import { neighbours } from "../neighbours.js";
import { AreaNames } from "../area-names.js";
import { DrawnShapes, levelOf, pickShape } from "../drawn-shapes.js";

const L = window.L;
const SMALL_TO_LARGE = ["tambon", "amphoe", "province"];

class AreaTiles {
  /**
   * @param {Maps.Holder} holder
   * @param {import("../stage.js").Stage} stage
   */
  constructor(holder, stage) {
    this.holder = holder;
    this.stage = stage;
    this.options = /** @type {{ tiles?: string, areas?: string, land?: string, minZoom: number }} */ (holder.options);
    if (this.options.land) neighbours(stage, this.options.land);
    stage.pane("ground", 150);
    stage.pane("boundaries", 260);
    /** @type {Protomaps.Layer | null} */
    this.lines = null;
    if (this.options.tiles) this.fromTiles(this.options.tiles);
    else document.documentElement.dataset.tiles = "ready";
    stage.taps.push((latlng) => this.tell(latlng));
  }

  /** @param {string} tiles */
  fromTiles(tiles) {
    this.lines = boundaries(tiles, this.options.minZoom, this.stage.tileState("boundaries"));
    const land = ground(tiles, this.lines);
    this.stage.tiled.add(land).add(this.lines);
    land.addTo(this.stage.map); // the land stays if lines and names are switched off
    this.holder.addLayer(this.lines);
  }

  /** @param {Maps.State} state */
  show({ shapes, land, chosen }) {
    if (land) neighbours(this.stage, land);
    if (!shapes) return;
    Object.assign(this.stage.shapes, shapes);
    const bounds = new DrawnShapes(this.holder).show(shapes, chosen);
    if (bounds) this.stage.fit(bounds);
    this.holder.addLayer(new AreaNames(this.stage, shapes, chosen));
  }

  /**
   * The code of the smallest area at a location; with figures, the area of their level.
   * @param {L.LatLng} latlng
   */
  codeAt(latlng) {
    const { painted, shapes } = this.stage;
    if (painted) return painted.pick(latlng);
    return this.lines ? pick(this.lines, latlng, SMALL_TO_LARGE) : pickShape(shapes, latlng, SMALL_TO_LARGE);
  }

  /**
   * The area at this location, its figures, and links.
   * @param {L.LatLng} latlng
   */
  tell(latlng) {
    const { painted, map } = this.stage;
    const code = this.codeAt(latlng);
    if (!code) return true;
    const name = make("strong", {}, code);
    const box = make("div", { class: "popup" }, name, make("p", { class: "quiet" }, say(levelOf(code))));
    if (painted) {
      if (painted.title) box.append(make("p", { class: "quiet" }, painted.title));
      box.append(make("p", { class: "figure" }, painted.tell(code)));
      painted.choose(code);
    }
    const oneMore = painted?.oneMore(latlng);
    for (const one of [
      button(say("area_page"), { type: "open", path: `/areas/${code}${painted?.asked ?? ""}` }, "main"),
      button(say("nearest_here"), { type: "tap", lat: latlng.lat, lon: latlng.lng }),
      oneMore ? button(say("one_more"), { type: "open", path: oneMore }) : null,
    ]) if (one) box.append(one);
    const popup = L.popup(roomy()).setLatLng(latlng).setContent(box).openOn(map);
    this.nameArea(code, name, popup);
    painted?.explain(code, box, popup);
    return true;
  }

  /**
   * The code is shown if no name is found; the page of the area has the name.
   * @param {string} code
   * @param {HTMLElement} element
   * @param {L.Popup} popup
   */
  async nameArea(code, element, popup) {
    const known = this.stage.shapes[levelOf(code)]?.features.find((feature) => feature.properties?.code === code);
    let found = known?.properties ?? {};
    if (!known && this.options.areas) {
      try {
        const response = await fetch(`${this.options.areas}/${code}?geometry=none`);
        const answer = response.ok ? await response.json() : {};
        found = answer.properties ?? answer;
      } catch {
        return;
      }
    }
    element.textContent = nameOf(found) || code;
    popup.update();
  }
}

define("AreaTiles", AreaTiles);
