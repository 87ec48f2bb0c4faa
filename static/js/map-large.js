// A map's frame over the whole page, for browsers whose frames have no full screen. Going back closes it, as people on
// phones expect; so do Escape and the map's own button.

/** @type {{ frame: HTMLIFrameElement, holders: Element[], covered: HTMLElement[], isLeaving: boolean } | null} */
let large = null;

/**
 * @param {HTMLIFrameElement} frame
 * @param {boolean} wanted
 */
export function enlarge(frame, wanted) {
  if (!wanted) leave();
  if (!wanted || large) return;
  large = { frame, holders: [], covered: [], isLeaving: false };
  for (let one = frame.parentElement; one && one !== document.documentElement; one = one.parentElement) {
    large.holders.push(one);
    one.classList.add("holds-large-map");
    const others = [...one.children].filter((child) => child instanceof HTMLElement && !child.inert && child !== frame && !child.contains(frame));
    large.covered.push(.../** @type {HTMLElement[]} */ (others));
  }
  for (const one of large.covered) one.inert = true; // nothing under it can be reached
  frame.classList.add("is-large");
  history.pushState({ largeMap: true }, "");
  frame.focus();
}

/** Goes back, which closes it; once, however often it is asked before that has happened: again would leave the page. */
function leave() {
  if (!large || large.isLeaving) return;
  large.isLeaving = true;
  history.back();
}

function close() {
  if (!large) return;
  const { frame, holders, covered } = large;
  large = null;
  for (const one of holders) one.classList.remove("holds-large-map");
  for (const one of covered) one.inert = false;
  frame.classList.remove("is-large");
  frame.focus({ preventScroll: true });
  frame.contentWindow?.postMessage({ type: "shrunk" }, "*");
}

window.addEventListener("popstate", (event) => {
  if (!large) return;
  event.stopImmediatePropagation(); // htmx would fetch the page anew
  close();
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") leave();
});
