// The form of the survey: its fields, and the phone's own clock, so that a wrong one is noticed. Without scripts the form
// is filled in and sent as any other; without a connection it goes on on the page that works without one.

import { arrived, keep, ready } from "./survey-sent.js";
import { enhance } from "./survey/fields.js";
import { withoutConnection } from "./survey/page.js";

/**
 * @param {HTMLFormElement} form
 * @param {SubmitEvent} event
 */
function submitted(form, event) {
  const sent = /** @type {HTMLInputElement | null} */ (form.elements.namedItem("sent_at"));
  if (sent) sent.value = new Date().toISOString();
  keep(form, event.submitter);
  withoutConnection(event);
}

/** @param {HTMLFormElement} form */
function start(form) {
  ready(form);
  enhance(form);
  // What is wrong can be screens below the top of the page.
  form.querySelector("span.problem")?.closest(".field, fieldset, details")?.scrollIntoView({ block: "center" });
  const seen = /** @type {HTMLInputElement | null} */ (form.elements.namedItem("observed_at"));
  form.addEventListener(
    "input",
    () => {
      if (seen && !seen.value) seen.value = new Date().toISOString();
    },
    { once: true },
  );
  form.addEventListener("submit", (event) => submitted(form, event));
}

const forms = /** @type {NodeListOf<HTMLFormElement>} */ (document.querySelectorAll("form[data-survey]"));
for (const form of forms) start(form);
for (const form of /** @type {NodeListOf<HTMLFormElement>} */ (document.querySelectorAll("form[data-survey-same]"))) {
  form.addEventListener("submit", (event) => submitted(form, event));
}
if (!forms.length) arrived();
