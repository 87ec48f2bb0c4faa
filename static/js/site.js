// Scripts that every page needs; pages work without them.

import { sweep } from "./drafts.js";
import "./fresh.js";
import "./map-host.js";
import "./saving.js";

// A page that was left open, or is restored from the browser's cache, checks again whether it has changed.
sweep();
window.addEventListener("pageshow", sweep);
document.addEventListener("visibilitychange", sweep);

// Before htmx starts: no inline styles (forbidden by our Content-Security-Policy), no pages in the browser's storage
// (searches are private), and a form's answer is also shown if the form has errors.
if (window.htmx) {
  Object.assign(window.htmx.config, {
    includeIndicatorStyles: false,
    allowEval: false,
    selfRequestsOnly: true,
    historyCacheSize: 0,
    responseHandling: [
      { code: "204", swap: false },
      { code: "[23]..", swap: true },
      { code: "400", swap: true },
      { code: "[45]..", swap: false, error: true },
    ],
  });
}
document.documentElement.classList.add("scripts");

// A fragment does not need the address of the page, and a resident's address is their key.
document.addEventListener("htmx:configRequest", (event) => {
  delete event.detail.headers["HX-Current-URL"];
});

// Printing needs scripts, so its buttons are shown only with them.
function readyToPrint() {
  for (const button of document.querySelectorAll("[data-print]")) button.hidden = false;
}
document.addEventListener("click", (event) => {
  if (event.target instanceof Element && event.target.closest("[data-print]")) window.print();
});
document.addEventListener("htmx:afterSwap", readyToPrint);
readyToPrint();

// The address changes without loading the page again; the links to other languages must follow.
function sameAddressInOtherLanguages() {
  for (const link of /** @type {NodeListOf<HTMLAnchorElement>} */ (document.querySelectorAll("a[hreflang]"))) {
    const lang = new URL(link.href).searchParams.get("lang"); // none for the default language
    const address = new URL(location.href);
    address.searchParams.delete("lang");
    if (lang) address.searchParams.set("lang", lang);
    link.href = address.pathname + address.search;
  }
}
for (const name of ["htmx:pushedIntoHistory", "htmx:replacedInHistory", "htmx:historyRestore"]) {
  document.addEventListener(name, sameAddressInOtherLanguages);
}
