// The form of a household on the page that works without a connection: its fields, and what is said beside them.

import { check } from "./fields.js";
import { part, parts, shown, words } from "./page-parts.js";

export const form = /** @type {HTMLFormElement} */ (document.querySelector("form[data-survey]"));
const empty = new Map([...new FormData(form)].map(([name, value]) => [name, String(value)]));
export const GROUPS = [...form.querySelectorAll("[data-group]")].map((one) => (one.querySelector("input")?.name ?? "").replace(/_here$/, ""));

/** @param {string} name */
export const field = (name) => /** @type {HTMLInputElement} */ (form.elements.namedItem(name));

/** @param {[string, string][]} values */
export function put(values) {
  reset();
  for (const [name, value] of values) {
    const found = form.elements.namedItem(name);
    if (found instanceof RadioNodeList) found.value = value;
    else if (found instanceof HTMLInputElement && found.type !== "radio") found.value = value;
    if (value && found instanceof HTMLInputElement) found.closest("details")?.setAttribute("open", "");
  }
  unit(field("unit").value);
  for (const group of form.querySelectorAll("[data-group]")) check(form, group);
}

export function reset() {
  form.reset();
  for (const [name, value] of empty) {
    const found = form.elements.namedItem(name);
    if (found instanceof HTMLInputElement && found.type === "hidden") found.value = value;
  }
  unit("household");
  for (const one of form.querySelectorAll("details")) one.removeAttribute("open");
  for (const group of form.querySelectorAll("[data-group]")) check(form, group);
  problems(new Map());
}

/** @param {string} name */
export function unit(name) {
  field("unit").value = name;
  shown("[data-household]", name === "household");
  shown("[data-village]", name === "village");
  for (const one of parts("[data-unit]")) one.hidden = one.dataset.unit === name;
}

/** @param {Map<string, string>} found field → key of the words, or words */
export function problems(found) {
  for (const one of form.querySelectorAll(".told")) one.remove();
  for (const one of form.querySelectorAll("[aria-invalid]")) one.removeAttribute("aria-invalid");
  const top = part("#form-problem");
  top.hidden = !found.has("");
  for (const [name, key] of found) {
    const text = words.problems[key] ?? key;
    if (name === "") top.textContent = text;
    else tell(name, text);
  }
  const first = form.querySelector(".told") ?? (found.has("") ? top : null);
  first?.closest("details")?.setAttribute("open", "");
  first?.scrollIntoView({ block: "center" });
}

/**
 * @param {string} name
 * @param {string} text
 */
function tell(name, text) {
  const input = form.querySelector(`[name="${name}"], [name="${name}_here"]`);
  const said = Object.assign(document.createElement("span"), { className: "problem told", textContent: text, id: `${name}-problem` });
  input?.setAttribute("aria-invalid", "true");
  input?.closest("details")?.setAttribute("open", "");
  (input?.closest(".field") ?? form).append(said);
}

export const typed = () => new Map([...new FormData(form)].map(([name, value]) => [name, String(value)]));
