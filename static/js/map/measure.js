// The functions that folium's MeasureControl needs, as a plain script like the library that it replaces: taps are
// points of a path; it shows the length, and the area from three points on.
{
  const Leaflet = window.L;
  const RADIUS = 6371008.8; // metres, mean radius of the Earth
  /** @type {() => Partial<Maps.Config>} */
  const settings = () => JSON.parse(document.getElementById("map-config")?.textContent || "{}");

  /** @param {L.LatLng[]} points */
  const length = (points) => points.slice(1).reduce((sum, point, i) => sum + point.distanceTo(points[i]), 0);

  /**
   * Square metres enclosed by the points, on a sphere.
   * @param {L.LatLng[]} points
   */
  const area = (points) => {
    const rad = Math.PI / 180;
    const sum = points.reduce((all, { lat, lng }, i) => {
      const next = points[(i + 1) % points.length];
      return all + (next.lng - lng) * rad * (2 + Math.sin(lat * rad) + Math.sin(next.lat * rad));
    }, 0);
    return Math.abs((sum * RADIUS * RADIUS) / 2);
  };

  /** @param {string} unit */
  const written = (/** @type {number} */ value, unit) => {
    const digits = { maximumFractionDigits: value < 10 ? 2 : value < 100 ? 1 : 0 };
    return new Intl.NumberFormat(settings().locale, digits).format(value) + ` ${unit}`;
  };

  /** @type {any} what Leaflet's own way of making classes cannot say in types */
  const definition = {
    options: { position: "topright" },

    /** @param {L.Map} map */
    onAdd(map) {
      const said = settings().texts ?? {};
      this.points = [];
      this.way = Leaflet.polygon([], { className: "measured-way", interactive: false });
      const box = Leaflet.DomUtil.create("div", "leaflet-bar");
      this.button = Leaflet.DomUtil.create("button", "measure", box);
      Object.assign(this.button, { type: "button", title: said.measure ?? "" });
      this.button.setAttribute("aria-label", said.measure ?? "");
      this.button.setAttribute("aria-pressed", "false");
      this.told = Leaflet.DomUtil.create("div", "measured", box);
      this.told.setAttribute("role", "status");
      this.told.hidden = true;
      Leaflet.DomEvent.disableClickPropagation(box);
      this.button.addEventListener("click", () => this.turn(!Leaflet.mapapp.measuring));
      map.on("click", this.tapped, this);
      return box;
    },

    /** @param {L.Map} map */
    onRemove(map) {
      this.turn(false);
      map.off("click", this.tapped, this);
    },

    /** @param {boolean} isOn */
    turn(isOn) {
      Leaflet.mapapp.measuring = isOn;
      this.points = [];
      this.way.setLatLngs([]);
      if (isOn) this.way.addTo(this._map);
      else this.way.remove();
      this.button.setAttribute("aria-pressed", String(isOn));
      this.told.hidden = !isOn;
      this.told.textContent = settings().texts?.measuring ?? "";
    },

    /** @param {L.LeafletMouseEvent} event */
    tapped({ latlng }) {
      if (!Leaflet.mapapp.measuring) return;
      this.points.push(latlng);
      this.way.setLatLngs(this.points);
      this.told.textContent = this.tell();
    },

    tell() {
      const { texts = {} } = settings();
      const metres = length(this.points);
      const way = metres < 1000 ? written(metres, texts.unit_m ?? "m") : written(metres / 1000, texts.unit_km ?? "km");
      if (this.points.length < 3) return way;
      const squared = written(area(this.points) / 1e6, `${texts.unit_km ?? "km"}²`);
      return `${way} · ${(texts.measured_area ?? "%(area)s").replace("%(area)s", squared)}`;
    },
  };
  Leaflet.Control.Measure = /** @type {new (options?: L.ControlOptions) => L.Control} */ (/** @type {unknown} */ (Leaflet.Control.extend(definition)));
}
