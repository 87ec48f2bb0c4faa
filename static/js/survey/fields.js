// The fields of a household, with one thumb: buttons beside the numbers, and totals that are checked while they change.

const PARTS = ["none", "one", "two", "more", "unasked"];

/** @param {string} text */
export const arabic = (text) => text.replace(/[๐-๙]/g, (sign) => String(sign.charCodeAt(0) - 0x0e50));

/** @param {HTMLInputElement} input */
const valueOf = (input) => Number.parseInt(arabic(input.value), 10) || 0;

/**
 * @param {Element} group
 * @param {string} name
 */
function part(group, name) {
  return /** @type {HTMLInputElement | null} */ (group.querySelector(`[data-part="${name}"]`));
}

/** @param {Element} group */
function counted(group) {
  return PARTS.reduce((sum, name) => {
    const input = part(group, name);
    return sum + (input ? valueOf(input) : 0);
  }, 0);
}

/**
 * Says how many live there, and what does not add up.
 * @param {HTMLFormElement} form
 * @param {Element} group
 */
export function check(form, group) {
  const here = part(group, "here");
  const told = group.querySelector("[data-total]");
  const total = group.querySelector("output.total");
  if (!here || !told || !total) return;
  const people = valueOf(here);
  const left = people - counted(group);
  const words = left > 0 ? form.dataset.missing : form.dataset.toomany;
  told.textContent = left === 0 ? "" : (words ?? "").replace("{num}", String(Math.abs(left)));
  told.toggleAttribute("hidden", left === 0);
  total.textContent = here.value === "" ? "" : (form.dataset.people ?? "").replace("{num}", String(people));
}

/**
 * A number changes by a button. Doses make people: who has counted somebody's doses has met them. Whoever has said how
 * many live there keeps that number until the doses go beyond it.
 * @param {HTMLFormElement} form
 * @param {HTMLInputElement} input
 * @param {number} by
 */
function step(form, input, by) {
  const group = input.closest("[data-group]");
  if (!group) return;
  const here = part(group, "here");
  const before = counted(group);
  input.value = String(Math.max(0, valueOf(input) + by));
  if (here && input !== here && PARTS.includes(input.dataset.part ?? "")) follow(here, before, counted(group));
  input.dispatchEvent(new Event("change", { bubbles: true }));
  check(form, group);
}

/**
 * @param {HTMLInputElement} here
 * @param {number} before
 * @param {number} after
 */
function follow(here, before, after) {
  if (valueOf(here) === before || after > valueOf(here)) here.value = String(after);
}

/**
 * @param {HTMLFormElement} form
 * @param {HTMLInputElement} input
 * @param {string} sign
 * @param {number} by
 * @param {string | undefined} label
 */
function button(form, input, sign, by, label) {
  const made = document.createElement("button");
  made.type = "button";
  made.className = "button quiet step";
  made.textContent = sign;
  made.setAttribute("aria-label", label ?? sign);
  made.addEventListener("click", () => step(form, input, by));
  return made;
}

/**
 * Makes the fields of a form ready.
 * @param {HTMLFormElement} form
 */
export function enhance(form) {
  for (const box of /** @type {NodeListOf<HTMLElement>} */ (form.querySelectorAll(".stepper"))) {
    const input = box.querySelector("input");
    if (!input) continue;
    box.prepend(button(form, input, "−", -1, box.dataset.less));
    box.append(button(form, input, "+", 1, box.dataset.more));
  }
  for (const group of form.querySelectorAll("[data-group]")) {
    check(form, group);
    group.addEventListener("input", () => check(form, group));
  }
}
