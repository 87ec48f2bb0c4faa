// What every page needs from scripts; pages work without.

import { sweep } from "./drafts.js";
import "./fresh.js";
import "./map-host.js";
import "./saving.js";

// A page that was left open, or comes back from the browser's memory, looks again.
sweep();
window.addEventListener("pageshow", sweep);
document.addEventListener("visibilitychange", sweep);

// Before htmx starts: no inline styles (our Content-Security-Policy has none), no pages kept in the browser's storage
// (what a person looked up is theirs), and a form's answer is shown too when something in it has to be mended.
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

// A fragment has no need of the page's address, and a resident's is their key.
document.addEventListener("htmx:configRequest", (event) => {
  delete event.detail.headers["HX-Current-URL"];
});

// Printing needs scripts, so its buttons show only with them.
function readyToPrint() {
  for (const button of document.querySelectorAll("[data-print]")) button.hidden = false;
}
document.addEventListener("click", (event) => {
  if (event.target instanceof Element && event.target.closest("[data-print]")) window.print();
});
document.addEventListener("htmx:afterSwap", readyToPrint);
readyToPrint();

// The address changes without the page being loaded anew; the links to the other languages go where we are now.
function sameAddressInOtherLanguages() {
  for (const link of /** @type {NodeListOf<HTMLAnchorElement>} */ (document.querySelectorAll("a[hreflang]"))) {
    const lang = new URL(link.href).searchParams.get("lang"); // none for the first language
    const address = new URL(location.href);
    address.searchParams.delete("lang");
    if (lang) address.searchParams.set("lang", lang);
    link.href = address.pathname + address.search;
  }
}
for (const name of ["htmx:pushedIntoHistory", "htmx:replacedInHistory", "htmx:historyRestore"]) {
  document.addEventListener(name, sameAddressInOtherLanguages);
}
