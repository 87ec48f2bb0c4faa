// One silhouette and one sign for each kind of facility, so that pins can be told apart without their colour.
// static/icons/<kind>.svg shows the same outside the map. Drawn on 32 × 32.

export const SHAPES = {
  hospital: {
    body: "M6 3h20a3 3 0 0 1 3 3v20a3 3 0 0 1-3 3H6a3 3 0 0 1-3-3V6a3 3 0 0 1 3-3z",
    sign: "M13.5 8h5v5.5H24v5h-5.5V24h-5v-5.5H8v-5h5.5z",
  },
  vaccination_site: {
    body: "M16 2a14 14 0 1 1 0 28 14 14 0 0 1 0-28z",
    sign: "M20.6 6.8l4.6 4.6-1.5 1.5-1.5-1.5-1.9 1.9 1.2 1.2-1.5 1.5-.7-.7-6.6 6.6-2.9.5-2.3 2.3-1.4-1.4 2.3-2.3.5-2.9 6.6-6.6-.7-.7 1.5-1.5 1.2 1.2 1.9-1.9-1.5-1.5z",
  },
  test_site: {
    body: "M16 1.5 30.5 16 16 30.5 1.5 16z",
    sign: "M13 8h6v1.8h-1v4.4l3.9 6.3A2.3 2.3 0 0 1 20 24h-8a2.3 2.3 0 0 1-1.9-3.5l3.9-6.3V9.8h-1z",
  },
  field_hospital: {
    body: "M16 2 31 28.5H1z",
    sign: "M14.4 13h3.2v3.9h3.9v3.2h-3.9V24h-3.2v-3.9h-3.9v-3.2h3.9z",
  },
  waiting_centre: {
    body: "M9 3.5h14L30 16l-7 12.5H9L2 16z",
    sign: "M8 10h2v6h4.2v-3.5H20a4 4 0 0 1 4 4V22h-2v-2.5H10V22H8z",
  },
};

const SVG = "http://www.w3.org/2000/svg";

/** The pin that is being set: a drop whose tip is the place. */
export const DROP = {
  body: "M16 1a10.5 10.5 0 0 1 10.5 10.5C26.5 19 16 31 16 31S5.5 19 5.5 11.5A10.5 10.5 0 0 1 16 1z",
  sign: "M16 7.5a4 4 0 1 1 0 8 4 4 0 0 1 0-8z",
};

/** The pin of a kind (or another shape) as an SVG element; style classes say its state. */
export function drawn(kind) {
  const shape = kind?.body ? kind : SHAPES[kind] ?? SHAPES.hospital;
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 32 32");
  svg.setAttribute("aria-hidden", "true");
  for (const part of ["body", "sign"]) {
    const path = document.createElementNS(SVG, "path");
    path.setAttribute("class", part);
    path.setAttribute("d", shape[part]);
    svg.append(path);
  }
  const bar = document.createElementNS(SVG, "path");
  bar.setAttribute("class", "bar");
  bar.setAttribute("d", "M4 28 28 4");
  svg.append(bar);
  return svg;
}
