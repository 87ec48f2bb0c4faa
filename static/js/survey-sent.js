// What was typed and sent, until a page says that it is saved: a session can end or a signal go meanwhile, and whoever
// comes back to the form would find it empty. It stays in this tab, for an hour, and comes back to the same person only.

const NAME = "mapapp-survey-sent";
const KEPT = 60 * 60 * 1000;

/**
 * @typedef {{ at: number, who: string, address: string, fields: [string, string][] }} Sent
 */

/** @returns {Sent | null} */
export function stored() {
  try {
    /** @type {Sent | null} */
    const sent = JSON.parse(sessionStorage.getItem(NAME) ?? "null");
    return sent && Array.isArray(sent.fields) && Math.abs(Date.now() - sent.at) < KEPT ? sent : null;
  } catch {
    return null; // no storage, or its content is not ours
  }
}

/** @param {Sent | null} sent */
export function store(sent) {
  try {
    if (sent) sessionStorage.setItem(NAME, JSON.stringify(sent));
    else sessionStorage.removeItem(NAME);
  } catch {
    // The browser stores nothing: the form still works.
  }
}

/**
 * @param {HTMLFormElement} form
 * @param {HTMLElement | null} [by] the button that sends it
 */
export function keep(form, by) {
  /** @type {[string, string][]} */
  const fields = [...new FormData(form, by)].flatMap(([name, value]) => (typeof value === "string" && name !== "csrf_token" ? [[name, value]] : []));
  store({ at: Date.now(), who: form.dataset.who ?? "", address: location.pathname, fields });
}

/**
 * @param {HTMLFormElement} form
 * @param {string} name
 * @param {string} value
 */
function put(form, name, value) {
  const field = form.elements.namedItem(name);
  if (field instanceof RadioNodeList || field instanceof HTMLInputElement) {
    if (field instanceof HTMLInputElement && field.type === "radio") field.checked = field.value === value;
    else field.value = value;
    if (value && field instanceof HTMLInputElement && field.type !== "hidden") field.closest("details")?.setAttribute("open", "");
  } else if (name === "entry" || name === "revision") { // the form of a correction has them
    const made = document.createElement("input");
    Object.assign(made, { type: "hidden", name, value });
    form.append(made);
  }
}

/**
 * Puts back what was sent from this form and did not arrive; its key goes with it, so that it never counts twice.
 * @param {HTMLFormElement} form
 */
function putBack(form) {
  const sent = stored();
  const unit = form.elements.namedItem("unit");
  if (!sent || sent.who !== form.dataset.who || sent.address !== location.pathname || !(unit instanceof HTMLInputElement)) return;
  if (!sent.fields.some(([name, value]) => name === "unit" && value === unit.value)) return;
  for (const [name, value] of sent.fields) put(form, name, value);
  const said = document.createElement("p");
  said.className = "note";
  said.setAttribute("role", "status");
  said.textContent = form.dataset.again ?? "";
  form.before(said);
}

/**
 * Before the form is made ready: the page's answer to what was sent, or the form that it was sent from.
 * @param {HTMLFormElement} form
 */
export function ready(form) {
  if (form.dataset.answered === undefined) putBack(form);
  else store(null);
}

/** A page that shows a record: what was sent has arrived. */
export const arrived = () => store(null);
