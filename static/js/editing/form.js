// Makes the form of a facility shorter: shows only the fields of its type, and only the chosen part of the opening
// hours. Without scripts everything is shown and works.

/** @typedef {HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement} Field */

/** @type {HTMLSelectElement | null} */
const kind = document.querySelector("form.editor select#kind");
/** @type {HTMLSelectElement | null} */
const how = document.querySelector("form.editor select#hours_how");

/**
 * Shows or hides a part of the form with its inputs: hidden inputs are not sent.
 * @param {HTMLElement | null | undefined} part
 * @param {boolean} shown
 */
function show(part, shown) {
  if (!part) return;
  part.hidden = !shown;
  /** @type {NodeListOf<Field>} */
  const inputs = part.querySelectorAll("input, select, textarea");
  for (const input of inputs) input.disabled = !shown;
}

function byKind() {
  for (const part of document.querySelectorAll("[data-kinds]")) show(part, part.dataset.kinds?.split(" ").includes(kind?.value ?? "") ?? false);
}

/** @param {HTMLSelectElement} select */
function byDay(select) {
  const times = select.closest(".day")?.querySelector("[data-times]");
  show(times, select.value === "spans");
  const [from, to] = times?.querySelectorAll("input") ?? [];
  if (select.value === "spans" && from && to && !from.value && !to.value) [from.value, to.value] = ["08:30", "16:30"]; // usual office hours
}

function byHours() {
  for (const part of document.querySelectorAll("[data-hours]")) show(part, part.dataset.hours === how?.value);
  /** @type {NodeListOf<HTMLSelectElement>} */
  const days = document.querySelectorAll("select[data-day]");
  if (how?.value === "weekly") days.forEach(byDay);
}

function copyMonday() {
  const [monday, ...others] = [...document.querySelectorAll(".hours-editor .day")].slice(0, 5);
  for (const day of others) {
    /** @type {NodeListOf<Field>[]} */
    const [from, to] = [monday, day].map((one) => one.querySelectorAll("select, input"));
    to.forEach((input, place) => { input.value = from[place].value; });
    const select = day.querySelector("select");
    if (select) byDay(select);
  }
  monday.querySelector("select")?.dispatchEvent(new Event("change", { bubbles: true }));
}

if (kind && how) {
  kind.addEventListener("change", byKind);
  how.addEventListener("change", byHours);
  document.querySelector(".hours-editor")?.addEventListener("change", ({ target }) => {
    if (target instanceof HTMLSelectElement && target.matches("[data-day]")) byDay(target);
  });
  const copy = document.querySelector("[data-copy-monday]");
  if (copy) {
    copy.hidden = false;
    copy.addEventListener("click", copyMonday);
  }
  byKind();
  byHours();
}
// Moves the focus of a screen reader to the errors.
document.querySelector("#problems, #twins, #conflict")?.scrollIntoView({ block: "nearest" });
