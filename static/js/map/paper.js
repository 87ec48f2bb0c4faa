// A map on paper: whole, as it is on the screen, with its legend.

const L = window.L;
const SHEET = { width: 1040, height: 700 }; // pixels of A4 lying on its side, within the margins of map.css
const WIDE = 600; // pixels: on a narrower map an open legend would cover it; the page around lists the classes

/** @param {import("./controls.js").Legend} legend */
export function onPaper(legend) {
  const { style } = document.body; // two maps may share it
  let wasOpen = false;
  window.addEventListener("beforeprint", () => {
    wasOpen = legend.box.open;
    if (window.innerWidth >= WIDE) legend.box.open = true;
    if (L.mapapp.framed) return; // the page around makes the frame as large as its paper
    const { innerWidth: width, innerHeight: height } = window;
    const scale = Math.min(1, SHEET.width / width, SHEET.height / height);
    // As large as on the screen, and shrunk: the paper's own width would cut the map off.
    Object.assign(style, { width: `${width}px`, height: `${height}px`, transform: `scale(${scale})`, transformOrigin: "0 0" });
  });
  window.addEventListener("afterprint", () => {
    legend.box.open = wasOpen;
    if (!L.mapapp.framed) Object.assign(style, { width: "", height: "", transform: "", transformOrigin: "" });
  });
}
