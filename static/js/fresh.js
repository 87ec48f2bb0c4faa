// Says when the page has changed since it was made, within five seconds, and when that cannot be found out. It takes
// nothing from under anybody's hands: what is typed and where the focus is stay as they are, and the reader reloads.
// In a tab that nobody sees nothing is asked; who comes back to it is told at once.

const EVERY_MS = 4000;
const MOST_MS = 60000;

const made = document.querySelector("[data-fresh]");
const said = document.querySelector("[data-fresh-said]");
let timer = 0;
let wait = EVERY_MS;

function say(word) {
  const text = word ? said.dataset[word] : "";
  if (said.textContent !== text) said.textContent = text;
  said.hidden = !text;
}

async function ask() {
  clearTimeout(timer);
  if (document.hidden) return;
  try {
    const headers = { "If-None-Match": `W/"${made.dataset.fresh}"` };
    const answer = await fetch(made.dataset.at, { headers, cache: "no-store", redirect: "manual" });
    if (answer.status === 304) say("");
    else if (answer.status === 429 || answer.status >= 500) throw new Error("later");
    else {
      say("changed");
      return; // it stays so until the page is loaded again
    }
    wait = EVERY_MS;
  } catch {
    say("offline");
    wait = Math.min(2 * wait, MOST_MS); // not a thousand phones at once, while the service comes back
  }
  timer = setTimeout(ask, wait);
}

if (made && said) {
  timer = setTimeout(ask, EVERY_MS);
  document.addEventListener("visibilitychange", ask);
  window.addEventListener("online", ask);
}
