// Sends what waits, many at once, each under the key that was made on the phone: what is sent again counts once. An entry
// stays until its receipt is there. One tab sends at a time; an entry that cannot be taken in does not stop the others.

import { endSession, holder } from "./holder.js";
import { open, seal } from "./sealing.js";
import { entries, entry as stored, put } from "./store.js";

/**
 * @typedef {import("./store.js").Entry} Entry
 * @typedef {import("./holder.js").Holder} Holder
 * @typedef {{
 *   form: string, address: string,
 *   identify: () => Promise<"in" | "out" | "away" | "forbidden">,
 *   pack: (content: any) => object,
 * }} Courier
 * `identify` asks the server who is signed in. `pack` makes of what was sealed what is sent.
 */

const MOST = 50; // entries at once, as the server takes
const MOST_BYTES = 48_000;
const PATIENCE = 60_000;
const FIRST_WAIT = 5_000;
const LONGEST_WAIT = 5 * 60_000;

/** @param {Pick<Entry, "form" | "owner" | "key">} one */
export const about = (one) => `outbox|${one.form}|${one.owner}|${one.key}`;

/**
 * How long to wait after so many tries, in milliseconds: longer each time, and not every phone at the same moment.
 * @param {number} tries
 * @param {number} chance from 0 to 1
 */
export const waitAfter = (tries, chance = Math.random()) =>
  Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** Math.max(0, Math.min(tries, 12) - 1)) * (0.75 + chance / 2);

/**
 * What an answer makes of an entry.
 * @param {{ status: number, receipt?: any, problem?: any }} answer
 * @returns {import("./store.js").State}
 */
export function stateAfter({ status, receipt, problem }) {
  if (receipt) return "sent";
  if (status === 409 && problem?.current) return "conflict";
  return status >= 500 || [401, 403, 408, 425, 429].includes(status) ? "waiting" : "refused";
}

/**
 * As many entries as go into one request.
 * @template {{ packed: string }} T
 * @param {T[]} ready
 * @param {number} most
 */
export function batch(ready, most) {
  let bytes = 0;
  let count = 0;
  for (const { packed } of ready) {
    bytes += packed.length; // house numbers and figures: a letter is hardly ever more than a byte
    if (count === most || (count > 0 && bytes > MOST_BYTES)) break;
    count += 1;
  }
  return ready.slice(0, count);
}

export class Sender {
  /**
   * @param {Courier} courier
   * @param {(word: "sending" | "idle" | "away" | "out" | "forbidden") => void} tell
   */
  constructor(courier, tell) {
    this.courier = courier;
    this.tell = tell;
    this.most = MOST;
    this.failures = 0;
    this.timer = 0;
    /** @type {Promise<void> | null} */
    this.running = null;
    this.again = false;
    this.asked = false; // who is signed in, after an answer that said nobody
  }

  /**
   * Sends what waits; called when a page opens, is looked at again, or is online again.
   * @param {boolean} now also what would wait longer
   * @returns {Promise<void>}
   */
  send(now = false) {
    if (this.running) {
      this.again = true;
      return this.running;
    }
    this.running = this.inTurn(now).finally(() => {
      this.running = null;
      if (!this.again) return;
      this.again = false;
      this.send();
    });
    return this.running;
  }

  /** @param {boolean} now */
  async inTurn(now) {
    clearTimeout(this.timer);
    const work = () => this.all(now);
    // Without the lock (an old browser) two tabs may send the same: the keys make it count once.
    if (navigator.locks) await navigator.locks.request("mapapp-outbox-sending", work);
    else await work();
  }

  /** @param {boolean} now */
  async all(now) {
    /** @type {Set<string>} */
    const tried = new Set();
    for (;;) {
      const me = await this.signedIn();
      if (!me) return;
      const ready = await this.ready(me, now, tried);
      if (!ready.length) break;
      this.tell("sending");
      const some = batch(ready, this.most);
      if (!(await this.some(me, some, tried))) return;
    }
    this.tell("idle");
    await this.later();
  }

  /** @returns {Promise<Holder | null>} */
  async signedIn() {
    let me = await holder();
    if (me?.csrf) return me;
    const word = await this.courier.identify();
    me = await holder();
    if (word === "in" && me?.csrf) return me;
    if (word === "away") this.failed();
    this.tell(word === "in" ? "out" : word);
    return null;
  }

  /**
   * @param {Holder} me
   * @param {boolean} now
   * @param {Set<string>} tried
   */
  async ready(me, now, tried) {
    const ready = [];
    for (const one of await entries()) {
      if (one.owner !== me.who || one.form !== this.courier.form || one.state !== "waiting" || tried.has(one.key)) continue;
      if (!now && one.next > Date.now()) continue;
      const content = await open(me.keys, about(one), one.sealed);
      if (content === undefined) continue; // of a key that is not there: it stays
      ready.push({ one, packed: JSON.stringify({ ...this.courier.pack(content), key: one.key }) });
      if (ready.length >= this.most) break;
    }
    return ready;
  }

  /**
   * @param {Holder} me
   * @param {{ one: Entry, packed: string }[]} some
   * @param {Set<string>} tried
   * @returns {Promise<boolean>} whether to go on
   */
  async some(me, some, tried) {
    let answer;
    try {
      answer = await fetch(this.courier.address, {
        method: "POST",
        headers: { "Content-Type": "application/json", "X-CSRF-Token": me.csrf },
        body: `{"entries":[${some.map(({ packed }) => packed).join(",")}]}`,
        signal: AbortSignal.timeout(PATIENCE),
        redirect: "error",
      });
      if (answer.ok) return await this.told(me, some, (await answer.json()).answers, tried);
    } catch {
      this.most = Math.max(1, Math.floor(this.most / 2)); // on a weak line less gets through at once
      this.tell("away");
      this.failed();
      return false;
    }
    if (answer.status === 401 || answer.status === 403) {
      endSession(); // signed out, or somebody else is signed in by now: asked anew, once
      if (this.asked) {
        this.tell("out");
        this.failed();
        return false;
      }
      this.asked = true;
      return true;
    }
    if (answer.status === 429 || answer.status === 408 || answer.status === 503) {
      this.tell("away");
      this.failed(Number(answer.headers.get("Retry-After")) * 1000);
      return false;
    }
    if (some.length > 1) this.most = 1; // one of them is the reason: it is found by sending each alone
    else {
      tried.add(some[0].one.key);
      await this.settle(me, some[0].one, { status: Math.max(500, answer.status) });
    }
    return true;
  }

  /**
   * @param {Holder} me
   * @param {{ one: Entry, packed: string }[]} some
   * @param {any[]} answers
   * @param {Set<string>} tried
   */
  async told(me, some, answers, tried) {
    this.asked = false;
    this.failures = 0;
    this.most = Math.min(MOST, this.most * 2);
    const byKey = new Map(answers.map((one) => [one.key, one]));
    for (const [at, { one }] of some.entries()) {
      tried.add(one.key);
      await this.settle(me, one, byKey.get(one.key) ?? (answers.length === some.length ? answers[at] : { status: 500 }));
    }
    return true;
  }

  /**
   * @param {Holder} me
   * @param {Entry} sent
   * @param {{ status: number, receipt?: any, problem?: any }} answer
   */
  async settle(me, sent, answer) {
    const one = await stored(sent.key);
    if (!one || one.sealed.text !== sent.sealed.text) return; // deleted or mended meanwhile: it is sent as it is now
    const state = stateAfter(answer);
    const tries = one.tries + 1;
    const why = answer.problem ? await seal(me.to, about(one), answer.problem) : null;
    const next = state === "waiting" ? Date.now() + waitAfter(tries) : 0;
    await put({ ...one, state, tries, next, receipt: answer.receipt ?? null, status: answer.status, answer: why, done: Date.now() });
  }

  /** @param {number} [atLeast] milliseconds */
  failed(atLeast) {
    this.failures += 1;
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => this.send(), Math.max(atLeast || 0, waitAfter(this.failures)));
  }

  /** What waits for a later time is sent then, as long as the page is open. */
  async later() {
    const me = await holder();
    const times = (await entries()).filter((one) => one.owner === me?.who && one.form === this.courier.form && one.state === "waiting");
    const first = Math.min(...times.map((one) => one.next));
    if (Number.isFinite(first)) this.timer = window.setTimeout(() => this.send(), Math.max(1000, first - Date.now()));
  }
}

/**
 * Sends when the page is opened, looked at again, or online again, and when the browser's own background sending says so.
 * @param {Sender} sender
 */
export function sendWhenPossible(sender) {
  const soon = () => {
    if (!document.hidden) sender.send(true);
  };
  window.addEventListener("online", soon);
  window.addEventListener("focus", soon);
  window.addEventListener("pageshow", (event) => event.persisted && soon());
  document.addEventListener("visibilitychange", soon);
  navigator.serviceWorker?.addEventListener("message", (event) => event.data === "send the outbox" && sender.send(true));
  sender.send(true);
}
