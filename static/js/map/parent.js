// Talk with the page around this frame. The frame has no origin and no cookies; what it may do, the page does for it.

const parentWindow = window.parent;
/** @type {Record<string, (message: Maps.Message) => void>} */
const listeners = {};

/**
 * Asks the page for something: tap, open, directions, call, locate, or says that the map is ready.
 * @param {Maps.Message} message
 */
export function post(message) {
  if (parentWindow !== window) parentWindow.postMessage(message, "*");
}

/**
 * Runs `listener` for messages of this type from the page around us, and from nobody else.
 * @param {string} type
 * @param {(message: Maps.Message) => void} listener
 */
export function on(type, listener) {
  listeners[type] = listener;
}

window.addEventListener("message", (event) => {
  if (event.source !== parentWindow || typeof event.data !== "object" || event.data === null) return;
  if (Object.hasOwn(listeners, event.data.type)) listeners[event.data.type](event.data);
});
