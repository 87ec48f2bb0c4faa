// Maps are saved as files, and the browsers inside LINE and other apps save none: there the page says so and leads out.

const INSIDE_AN_APP = /\bLine\/|\bFBA[NV]\/|\bInstagram\b|\bMessenger\b/;

/** The page as the phone's own browser opens it: LINE hands an address with this parameter on to it. */
function outside() {
  const address = new URL(location.href);
  address.searchParams.set("openExternalBrowser", "1");
  return address.href;
}

/** @param {Element} note */
function tell(note) {
  note.querySelector("[data-outside]")?.setAttribute("href", outside());
  /** @type {HTMLElement} */ (note).hidden = false;
}

/** @param {HTMLButtonElement} button */
async function copy(button) {
  try {
    await navigator.clipboard.writeText(location.href);
  } catch {
    const field = Object.assign(document.createElement("input"), { value: location.href, readOnly: true });
    field.setAttribute("aria-label", button.textContent ?? "");
    button.replaceWith(field); // then people copy it themselves
    field.select();
    return;
  }
  button.textContent = button.dataset.copied ?? "";
}

/** A text of the page; where the browser does not let us, it is selected, and people copy it themselves.
 * @param {HTMLButtonElement} button */
async function copyText(button) {
  const field = /** @type {HTMLTextAreaElement} */ (document.getElementById(button.dataset.copyFrom ?? ""));
  try {
    await navigator.clipboard.writeText(field.value);
    button.textContent = button.dataset.copied ?? "";
  } catch {
    field.focus();
    field.select();
  }
}

document.addEventListener("click", (event) => {
  const { target } = event;
  if (!(target instanceof Element)) return;
  const link = target.closest("a[data-saves]");
  const note = link?.parentElement?.querySelector("[data-cannot-save]");
  if (link && note && INSIDE_AN_APP.test(navigator.userAgent)) {
    event.preventDefault();
    tell(note);
  }
  const button = target.closest("[data-copy-address]");
  if (button instanceof HTMLButtonElement) copy(button);
  const lines = target.closest("[data-copy-from]");
  if (lines instanceof HTMLButtonElement) copyText(lines);
});

for (const one of document.querySelectorAll("[data-copy-from]")) /** @type {HTMLElement} */ (one).hidden = false;
