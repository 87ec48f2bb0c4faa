// Time limit of a claim: counts down, and announces once when it is over. The server decides; this only shows it. The
// server's clock is used, because the phone's may be wrong.

/**
 * @typedef {{ element: HTMLElement, left: HTMLElement | null, ends: number, ahead: number }} Clock
 * @type {Clock[]}
 */
const clocks = [...document.querySelectorAll("[data-lease]")].map((element) => ({
  element,
  left: element.querySelector("[data-left]"),
  ends: Date.parse(element.dataset.lease ?? ""),
  ahead: Date.parse(element.dataset.now ?? "") - Date.now(),
}));

/** @param {Clock} clock */
function show({ element, left, ends, ahead }) {
  const minutes = Math.floor((ends - Date.now() - ahead) / 60_000);
  if (minutes < 0) {
    if (element.dataset.lease) {
      element.setAttribute("role", "alert");
      element.textContent = element.dataset.over ?? "";
      element.classList.add("is-late");
      delete element.dataset.lease;
    }
    return;
  }
  const text = minutes >= 60 ? element.dataset.hours : element.dataset.minutes;
  if (!left || text === undefined) return;
  left.textContent = text.replace("{h}", String(Math.floor(minutes / 60))).replace("{m}", String(minutes % 60));
}

function tick() {
  clocks.forEach(show);
}

if (clocks.length) {
  tick();
  setInterval(tick, 15_000);
  // A phone in standby has missed the timer.
  document.addEventListener("visibilitychange", tick);
}
