// Messages from the page around this frame. The frame has no origin and no cookies; the page does what the frame
// cannot.

const parentWindow = window.parent;
/** @type {Record<string, (message: Maps.Message) => void>} */
const listeners = {};

/**
 * Runs `listener` for messages of this type from the page around us, and from no one else.
 * @param {string} type
 * @param {(message: Maps.Message) => void} listener
 */
export function on(type, listener) {
  listeners[type] = listener;
}

window.addEventListener("message", (event) => {
  if (!window.L.mapapp.framed || event.source !== parentWindow || typeof event.data !== "object" || event.data === null) return;
  if (Object.hasOwn(listeners, event.data.type)) listeners[event.data.type](event.data);
});
