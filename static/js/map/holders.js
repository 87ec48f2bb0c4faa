// Runs before folium's own script, as a plain script: what a layer of ours is there must be a Leaflet layer at once, so
// that folium's groups and switches can take it. Its module comes when the document has been read, and fills it.
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

  // Folium's Fullscreen asks for it by a function that leaflet.fullscreen 5 does not have any more.
  Leaflet.control.fullscreen ??= (options) => new Leaflet.Control.FullScreen(options);

  // Names in the switch of layers are keys of the map's own texts; other names stay.
  const texts = () => JSON.parse(document.getElementById("map-config")?.textContent || "{}").texts ?? {};
  Leaflet.Control.Layers.addInitHook(/** @this {L.Control.Layers} */ function () {
    const known = texts();
    for (const layer of this._layers) if (Object.hasOwn(known, layer.name)) layer.name = known[layer.name];
  });

  // Whether a base map's host answers is known from its first tile, which may come before our modules.
  Leaflet.TileLayer.addInitHook(/** @this {L.TileLayer} */ function () {
    this.on("tileload", () => { this.hasArrived = true; });
    this.on("tileerror", () => { this.hasFailed = true; });
  });
}
