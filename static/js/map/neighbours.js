// The land of all countries, grey below everything of ours: neither a border nor a province that is not loaded is to
// look like a coast.

const L = window.L;

/**
 * Draws the land if it is available; a map without it is usable, so there is no message if it is not.
 * @param {import("./stage.js").Stage} stage
 * @param {string | GeoJSON.Geometry} land the geometry, or the address it is at
 */
export async function neighbours(stage, land) {
  stage.pane("neighbours", 140);
  const geometry = typeof land === "string" ? await fetched(land) : land;
  if (!geometry) return;
  L.geoJSON(geometry, /** @type {L.GeoJSONOptions} */ ({
    pane: "neighbours", interactive: false, renderer: L.canvas({ pane: "neighbours", padding: 0.3 }),
    style: () => ({ fillColor: "#d5d6d2", fillOpacity: 1, color: "#b9bcb8", weight: 0.6 }),
  })).addTo(stage.map);
  document.documentElement.dataset.neighbours = "drawn";
}

/**
 * @param {string} address
 * @returns {Promise<GeoJSON.Geometry | null>}
 */
async function fetched(address) {
  try {
    const response = await fetch(address);
    return response.ok ? await response.json() : null;
  } catch {
    return null;
  }
}
