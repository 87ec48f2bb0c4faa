// Runs before folium's own script, as a plain script: our layers must be Leaflet layers immediately, so that folium can
// add them to its groups and switches. Their modules are loaded after the document, and fill them.
{
  const Leaflet = window.L;
  /** @type {Maps.Holder[]} */
  const held = [];

  Leaflet.mapapp = {
    held,
    framed: false,
    measuring: false,
    layer(kind, name, owner, options) {
      const holder = /** @type {Maps.Holder} */ (Leaflet.layerGroup([], options));
      held.push(Object.assign(holder, { kind, name, owner }));
      return holder;
    },
  };

  // Folium's Fullscreen calls a function that leaflet.fullscreen 5 no longer has.
  Leaflet.control.fullscreen ??= (options) => new Leaflet.Control.FullScreen(options);

  // Names in the switch of layers are keys of the map's texts; other names are not changed.
  const texts = () => JSON.parse(document.getElementById("map-config")?.textContent || "{}").texts ?? {};
  Leaflet.Control.Layers.addInitHook(/** @this {L.Control.Layers} */ function () {
    const known = texts();
    for (const layer of this._layers) if (Object.hasOwn(known, layer.name)) layer.name = known[layer.name];
  });

  // The first tile shows whether the host of a base map answers; it can arrive before our modules are loaded.
  Leaflet.TileLayer.addInitHook(/** @this {L.TileLayer} */ function () {
    this.on("tileload", () => { this.hasArrived = true; });
    this.on("tileerror", () => { this.hasFailed = true; });
  });
}
