"""Map documents, vector tiles and the browser side of every map; the only room that speaks to folium."""
