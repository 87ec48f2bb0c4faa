// The form of a help request, on a weak connection: what is typed survives a reload and a lost connection. A form that
// was sent without an answer is sent again under the same key, which makes one request of it. Without scripts the form
// is sent like any other.

import { nameOf, store, stored } from "./drafts.js";

const PATIENCE = 25_000;
const AGAIN = 10_000;
const NEVER = new Set(["csrf_token", "consent", "another", "area", "area_for"]); // consented to again, and chosen again

/** @param {HTMLFormElement} form */
function keep(form) {
  if (form.dataset.asking !== "anybody") return; // an officer's computer does not store what a caller says
  /** @type {[string, string][]} */
  const fields = [];
  for (const [name, value] of new FormData(form)) {
    if (!NEVER.has(name) && typeof value === "string") fields.push([name, value]);
  }
  store(nameOf(form.dataset.asking), { at: Date.now(), fields });
  sayThatItIsKept();
}

/** Below the form, with the button that deletes it. */
function sayThatItIsKept() {
  const said = document.querySelector("[data-draft-kept]");
  if (said) said.hidden = !stored(nameOf("anybody"));
}

/**
 * Restores a draft; true if it had more than an empty form has.
 * @param {HTMLFormElement} form
 * @param {import("./drafts.js").Draft} draft
 */
function restore(form, draft) {
  let more = false;
  for (const [name, value] of draft.fields) {
    /** @type {NodeListOf<HTMLInputElement>} */
    const inputs = form.querySelectorAll(`[name="${CSS.escape(name)}"]`);
    for (const input of inputs) {
      if (input.type === "checkbox" || input.type === "radio") {
        if (input.value !== value || input.checked) continue;
        input.checked = true;
        more = true;
      } else if (input.value !== value) {
        input.value = value;
        if (name !== "once") more = true;
      }
    }
  }
  return more;
}

/** @param {HTMLFormElement} form */
function forget(form) {
  store(nameOf(form.dataset.asking), null);
  form.reset(); // some browsers would otherwise restore what they remember
  location.replace(location.pathname + location.search); // a new form with a new key
}

/**
 * Shows the server's answer to a form with errors, as the browser would have.
 * @param {string} html
 */
function showAnswer(html) {
  const answer = new DOMParser().parseFromString(html, "text/html").querySelector("main");
  const main = document.querySelector("main");
  if (!answer || !main) return false;
  main.replaceChildren(...document.importNode(answer, true).childNodes);
  window.htmx?.process(main);
  document.dispatchEvent(new CustomEvent("htmx:afterSwap", { detail: { elt: main, target: main } })); // the buttons of map-host.js
  start();
  return true;
}

/**
 * @param {HTMLFormElement} form
 * @param {URLSearchParams} body
 * @param {(text: string | undefined) => void} say
 */
async function send(form, body, say) {
  if (navigator.onLine === false) throw new TypeError("offline");
  say(form.dataset.sending);
  const response = await fetch(form.action, { method: "POST", body, signal: AbortSignal.timeout?.(PATIENCE) });
  if (response.status >= 500) throw new TypeError("not now");
  const html = await response.text();
  if (response.redirected) {
    location.assign(response.url);
    return;
  }
  if (!showAnswer(html)) form.submit();
}

/**
 * The field of this name; the form has one.
 * @param {HTMLFormElement} form
 * @param {string} name
 */
const fieldOf = (form, name) => /** @type {HTMLInputElement} */ (form.elements.namedItem(name));

/** @param {HTMLFormElement} form */
function watch(form) {
  const status = form.querySelector("[data-asking-status]");
  /** @param {string | undefined} text */
  const say = (text) => { if (status) status.textContent = text ?? ""; };
  const button = form.querySelector(".sticky-action button");
  /** @type {URLSearchParams | null} */
  let body = null;
  let timer = 0;
  let busy = false;

  const attempt = async () => {
    clearTimeout(timer);
    if (!body || busy || !form.isConnected) return;
    busy = true;
    button?.setAttribute("aria-busy", "true");
    try {
      await send(form, body, say);
      body = null;
    } catch {
      say(navigator.onLine === false ? form.dataset.offline : form.dataset.retrying);
      timer = setTimeout(attempt, AGAIN);
    } finally {
      busy = false;
      if (!body) button?.removeAttribute("aria-busy");
    }
  };

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (busy) return;
    keep(form);
    body = new URLSearchParams();
    for (const [name, value] of new FormData(form)) body.append(name, String(value));
    const pressed = event.submitter instanceof HTMLButtonElement ? event.submitter : null;
    if (pressed?.name) body.append(pressed.name, pressed.value);
    attempt();
  });
  window.addEventListener("online", attempt);
  form.addEventListener("input", ({ target }) => {
    if (target instanceof HTMLInputElement && target.name === "place") fieldOf(form, "point").value = ""; // the last input counts
    keep(form);
  });
  form.addEventListener("change", ({ target }) => {
    if (target instanceof HTMLInputElement && target.name === "point" && target.value) fieldOf(form, "place").value = "";
    keep(form);
  });
}

function start() {
  /** @type {HTMLFormElement | null} */
  const form = document.querySelector("form[data-asking]");
  if (document.querySelector("[data-asking-posted]")) {
    store(nameOf("anybody"), null);
  }
  if (!form) return;
  watch(form);
  const draft = "mend" in form.dataset ? null : stored(nameOf(form.dataset.asking));
  const banner = document.querySelector("[data-draft]");
  if (draft && banner && restore(form, draft)) {
    banner.hidden = false;
    sayThatItIsKept();
    const place = fieldOf(form, fieldOf(form, "point").value ? "point" : "place");
    if (place.value) place.dispatchEvent(new Event("change", { bubbles: true })); // shows its tambon again
  }
  document.querySelector("#problems")?.focus();
}

document.addEventListener("click", ({ target }) => {
  if (!(target instanceof Element) || !target.closest("[data-draft-delete]")) return;
  /** @type {HTMLFormElement | null} */
  const form = document.querySelector("form[data-asking]");
  if (form) forget(form);
});
start();
