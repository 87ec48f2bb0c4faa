// Maps on paper: a frame keeps the size it has on the screen and is shrunk to the paper's width, so that nothing is cut off.

import { day } from "./language.js";

const SHEET = { width: 690, height: 620 }; // pixels of an upright A4 within common margins, with room for a heading

/** @type {() => NodeListOf<HTMLIFrameElement>} */
const frames = () => document.querySelectorAll("iframe.map");

window.addEventListener("beforeprint", () => {
  for (const frame of frames()) {
    const { offsetWidth: width, offsetHeight: height } = frame;
    if (!width || !height) continue;
    const scale = Math.min(1, SHEET.width / width, SHEET.height / height);
    Object.assign(frame.style, {
      width: `${width}px`, height: `${height}px`, maxHeight: "none", transform: `scale(${scale})`, transformOrigin: "0 0",
      marginRight: `${(scale - 1) * width}px`, marginBottom: `${(scale - 1) * height}px`,
    });
  }
  for (const one of document.querySelectorAll("[data-address]")) one.textContent = new URL(one.dataset.address ?? "", location.origin).href;
  for (const one of document.querySelectorAll("[data-printed]")) one.textContent = (one.dataset.printed ?? "").replace("{day}", day(new Date()));
});

window.addEventListener("afterprint", () => {
  for (const { style } of frames()) {
    Object.assign(style, { width: "", height: "", maxHeight: "", transform: "", transformOrigin: "", marginRight: "", marginBottom: "" });
  }
});
