// Pages of the survey that come from the server: what waits on this phone is sent when they open, and said; and the worker
// is put in place that opens the form without a connection. What is sent when there is none goes on there.

import { holder } from "../outbox/holder.js";
import { Sender, sendWhenPossible } from "../outbox/sending.js";
import { entries, isPossible, onChange, sweep } from "../outbox/store.js";
import { courier } from "./courier.js";

const WORKER = "/volunteer/survey/worker.js";
const SCOPE = "/volunteer/survey";

const lines = /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-outbox-line]"));

async function say() {
  const me = await holder();
  const count = (await entries()).filter((one) => one.owner === me?.who && one.state !== "sent").length;
  for (const line of lines) {
    const { outboxLine, one, many, always } = line.dataset;
    const words = count === 0 ? always : count === 1 ? one : many?.replace("{num}", String(count));
    const link = document.createElement("a");
    link.href = outboxLine ?? "";
    link.textContent = words ?? "";
    line.replaceChildren(link);
    line.hidden = !words;
  }
}

/** Whether the page that works without a connection opens from here. */
const isReady = () => Boolean(navigator.serviceWorker?.controller);

/**
 * A form that would be sent into nothing: it goes on on the page that works without a connection.
 * @param {Event} event
 */
export function withoutConnection(event) {
  if (navigator.onLine || !isReady()) return;
  event.preventDefault();
  window.location.assign(`${lines[0]?.dataset.outboxLine ?? "/volunteer/survey/offline"}#sent`);
}

async function start() {
  if (!isPossible()) return;
  try {
    await navigator.serviceWorker?.register(WORKER, { scope: SCOPE, updateViaCache: "none" });
  } catch {
    // Refused by the browser or by its settings: the pages work as they do, with a connection.
  }
  try {
    await sweep();
    onChange(say);
    await say();
    const sender = new Sender(courier, () => {});
    await courier.identify();
    sendWhenPossible(sender);
    await say();
  } catch {
    // No storage: nothing waits here.
  }
}

start();
