// Elements at the edges of the map: notes, legend, location, layers, credits.

import { config, make, say } from "./words.js";

const L = window.L;

/**
 * Puts a prepared element into a corner, without the map's own handling of mouse and wheel.
 * @param {L.ControlPosition} position
 * @param {HTMLElement} element
 * @returns {L.Control}
 */
function corner(position, element) {
  const Corner = L.Control.extend({
    onAdd() {
      L.DomEvent.disableClickPropagation(element);
      L.DomEvent.disableScrollPropagation(element);
      return element;
    },
  });
  return new Corner({ position });
}

/** Short messages on the map, read aloud; each has a key, by which it is replaced and removed. */
export class Notes {
  /** @param {L.Map} map */
  constructor(map) {
    /** @type {Map<string, HTMLElement>} */
    this.kept = new Map();
    this.box = make("div", { class: "notes", role: "status" });
    map.getContainer().append(this.box);
  }

  /**
   * `seconds`: how long it is shown if no one has to react to it.
   * @param {string} key
   * @param {string} text
   * @param {(() => void) | null} retry
   */
  tell(key, text, retry = null, seconds = 0) {
    if (this.kept.get(key)?.dataset.text === text) return;
    this.clear(key);
    const note = make("p", { "data-note": key, "data-text": text }, text);
    if (seconds) setTimeout(() => note.remove(), seconds * 1000);
    if (retry) {
      note.append(make("button", { type: "button", onclick: () => { this.clear(key); retry(); } }, say("retry")));
    }
    this.kept.set(key, note);
    this.box.append(note);
  }

  /** @param {string} key */
  clear(key) {
    this.kept.get(key)?.remove();
    this.kept.delete(key);
  }
}

/**
 * "Show where I am": the page asks the browser, because a sandboxed frame must not.
 * @param {L.Map} map
 * @param {Notes} notes
 * @param {() => void} ask
 */
export function locate(map, notes, ask) {
  const button = make("button", {
    type: "button", class: "locate", title: say("locate"), "aria-label": say("locate"),
    onclick: () => {
      map.closePopup(); // notes make way for one
      notes.tell("locate", say("locating"));
      ask();
    },
  });
  corner("topleft", make("div", { class: "leaflet-bar" }, button)).addTo(map);
  const layer = L.layerGroup().addTo(map);
  return {
    /** @param {Maps.Message} message */
    found({ lat, lon, accuracy }) {
      notes.clear("locate");
      if (typeof lat !== "number" || typeof lon !== "number" || typeof accuracy !== "number") return;
      if (![lat, lon, accuracy].every(Number.isFinite) || Math.abs(lat) > 90 || Math.abs(lon) > 180) return;
      layer.clearLayers();
      L.circle([lat, lon], { radius: Math.min(Math.max(accuracy, 0), 50000), className: "accuracy", interactive: false })
        .addTo(layer);
      origin([lat, lon], say("you")).addTo(layer);
      map.setView([lat, lon], Math.max(map.getZoom(), 13));
    },
    /** @param {string} text */
    failed(text) {
      notes.tell("locate", text);
    },
  };
}

/**
 * The place that was searched for.
 * @param {L.LatLngTuple} position
 * @param {string} text
 */
export function origin(position, text) {
  const icon = L.divIcon({ html: make("span", { class: "origin" }), className: "pin-holder", iconSize: [22, 22] });
  const made = L.marker(position, { icon, keyboard: false, zIndexOffset: -100 });
  made.on("add", () => {
    made.getElement()?.setAttribute("role", "img");
    made.getElement()?.setAttribute("aria-label", text);
  });
  return made;
}

export class Legend {
  /**
   * @param {L.Map} map
   * @param {() => void} onChange hears that it takes up more or less of the map
   */
  constructor(map, onChange) {
    this.onChange = onChange;
    this.body = make("div");
    this.box = make("details", { class: "legend" }, make("summary", {}, say("legend")), this.body);
    this.box.open = window.innerWidth >= 600;
    this.control = corner("bottomright", this.box);
    this.map = map;
  }

  /** @param {HTMLElement} content */
  show(content) {
    this.body.replaceChildren(content);
    this.control.addTo(this.map);
    this.onChange();
  }

  hide() {
    this.control.remove();
  }
}

/**
 * The button of the layer switch, with a name in the page's language; its entries get their names in holders.js.
 * @param {L.Map} map
 */
export function nameSwitch(map) {
  const toggle = map.getContainer().querySelector(".leaflet-control-layers-toggle");
  toggle?.setAttribute("title", say("layers"));
  toggle?.setAttribute("aria-label", say("layers"));
}

/**
 * The raster base map and its credit; if the host cannot be reached only boundaries are shown, with a message.
 * @param {L.Map} map
 * @param {Notes} notes
 */
export function watchRasters(map, notes) {
  const credit = corner("bottomright", make("div", { class: "credit" }, config.credit));
  /** @param {Maps.Raster} layer */
  const watch = (layer) => {
    const missing = () => { if (!layer.hasArrived) notes.tell("raster", say("no_raster"), null, 8); };
    layer.on("tileload", () => notes.clear("raster"));
    layer.on("tileerror", missing);
    layer.on("remove", () => { credit.remove(); notes.clear("raster"); });
    layer.on("add", () => { if (config.credit) credit.addTo(map); });
    if (config.credit) credit.addTo(map);
    if (layer.hasFailed) missing();
  };
  map.eachLayer((layer) => { if (layer instanceof L.TileLayer) watch(layer); });
}
