// The map beside the list of open requests: a tapped cell is shown in the list.

/** @type {() => HTMLIFrameElement | null} */
const frame = () => document.querySelector("iframe.map-requests");

for (const text of document.querySelectorAll(".js-only")) text.hidden = false;

window.addEventListener("message", (event) => {
  const { data } = event;
  if (event.source !== frame()?.contentWindow || event.origin !== "null" || typeof data !== "object" || data === null) return;
  if (data.type !== "cell" || typeof data.key !== "string") return;
  const card = [...document.querySelectorAll("[data-cell]")].find((one) => one.dataset.cell === data.key);
  card?.scrollIntoView({ block: "center" });
  card?.focus({ preventScroll: true });
});
