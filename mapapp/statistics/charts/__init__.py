"""Small charts as SVG, drawn by the server: trends, bars, shares. The numbers stand beside them."""
