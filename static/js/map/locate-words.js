// Folium's LocateControl in the page's language, a plain script behind the library's: what it would say in a box of the
// browser's, in English, is a note on the map (stage.js).
{
  const { LocateControl } = window.L.Control.Locate;
  LocateControl.addInitHook(/** @this {Maps.Locating} */ function () {
    const texts = JSON.parse(document.getElementById("map-config")?.textContent || "{}").texts ?? {};
    Object.assign(this.options.strings, { title: texts.locate, popup: texts.you });
    this.options.onLocationError = () => {}; // Leaflet tells of it, too
    this.options.onLocationOutsideMapBounds = () => {
      this.stop();
      this._map.fire("locationerror", { code: 2 });
    };
  });
}
