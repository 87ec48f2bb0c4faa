// What waits on this phone, with what became of each record, and what can be done about it.

import { asFile, load } from "../outbox/files.js";
import { remove } from "../outbox/store.js";
import { insist, ofOthers, sendAgain } from "./records.js";
import { FIELDS } from "./reading.js";
import { fieldNames, fill, groupNames, marks, part, say, shown, words } from "./page-parts.js";

/**
 * @typedef {import("./records.js").Mine} Mine
 */

const template = /** @type {HTMLTemplateElement} */ (part("template[data-entry]"));
const clock = new Intl.DateTimeFormat(document.documentElement.dataset.locale, { timeZone: "Asia/Bangkok", dateStyle: "medium", timeStyle: "short" });

/**
 * @param {Mine[]} records
 * @param {(one: Mine) => void} mend
 * @param {() => void} send
 */
export async function showRecords(records, mend, send) {
  const order = [...records].sort((one, other) => Number(one.entry.state === "sent") - Number(other.entry.state === "sent") || other.entry.made - one.entry.made);
  part("[data-entries]").replaceChildren(...order.slice(0, 200).map((one) => item(one, mend, send)));
  const others = await ofOthers();
  part("[data-others]").textContent = fill(words.others, { num: others });
  shown("[data-others]", others > 0);
}

/**
 * @param {Mine} one
 * @param {(one: Mine) => void} mend
 * @param {() => void} send
 */
function item(one, mend, send) {
  const made = /** @type {Element} */ (template.content.firstElementChild?.cloneNode(true));
  /** @param {string} selector */
  const of = (selector) => /** @type {HTMLElement} */ (made.querySelector(selector));
  const { entry, content, label } = one;
  of("[data-name]").textContent = one.isBroken ? words.damaged : !content ? words.locked : content.household === null ? words.village : fill(words.house, { number: content.household });
  of("[data-where]").textContent = label ? `${label.village} · ${label.round}` : clock.format(entry.made);
  of("[data-state]").textContent = words.states[entry.state];
  of("[data-state]").classList.add({ waiting: "unverified", sent: "verified", conflict: "doubtful", refused: "stale" }[entry.state]);
  of("[data-why]").textContent = why(one);
  if (entry.state === "conflict" && content) both(of("[data-both]"), one);
  for (const [name, is, act] of /** @type {[string, boolean, () => unknown][]} */ ([
    ["mine", entry.state === "conflict" && content !== null, () => insist(one).then(send)],
    ["theirs", entry.state === "conflict" && content !== null, () => remove(entry.key)],
    ["mend", content !== null && (entry.state === "waiting" || entry.state === "refused"), () => mend(one)],
    ["again", entry.state === "refused", () => sendAgain(one).then(send)],
    ["delete", entry.state !== "sent" && (content !== null || one.isBroken), () => window.confirm(words.sure) && remove(entry.key)],
  ])) {
    const button = of(`[data-do="${name}"]`);
    button.hidden = !is;
    button.addEventListener("click", act);
  }
  const choose = /** @type {HTMLAnchorElement} */ (made.querySelector("[data-choose]"));
  choose.hidden = entry.receipt?.state !== "conflict";
  if (!choose.hidden) choose.href = `/volunteer/survey/records/${entry.receipt.entry}`;
  return made;
}

/**
 * @param {Mine} one
 * @returns {string}
 */
function why({ entry, problem }) {
  if (entry.receipt) {
    const told = [words.got[entry.receipt.state] ?? "", ...entry.receipt.marks.map((/** @type {string} */ mark) => marks[mark] ?? "")];
    const at = fill(words.at, { time: clock.format(new Date(entry.receipt.received_at)) });
    return [...told.filter(Boolean), at].join(" · ");
  }
  if (entry.state === "waiting") return entry.tries ? words.tried : "";
  const fields = (problem?.errors ?? []).map((/** @type {{ detail: string }} */ row) => row.detail);
  return [problem?.detail ?? "", ...fields].join(" ");
}

/**
 * Both versions, in the groups in which they differ.
 * @param {HTMLElement} list
 * @param {Mine} one
 */
function both(list, one) {
  const { current, differs } = one.problem ?? {};
  if (!current) return;
  const rows = (differs ?? []).flatMap((/** @type {string} */ group) => [
    Object.assign(document.createElement("dt"), { textContent: groupNames[group] ?? group }),
    version(words.yours, one.content?.groups[group]),
    version(words.now, current.groups[group]),
  ]);
  list.replaceChildren(...rows);
  list.toggleAttribute("hidden", false);
}

/**
 * @param {string} whose
 * @param {Record<string, number> | undefined} numbers
 */
function version(whose, numbers) {
  const told = numbers && FIELDS.filter((name) => numbers[name] || name === "here").map((name) => `${fieldNames[name]} ${numbers[name]}`);
  const made = document.createElement("dd");
  const strong = Object.assign(document.createElement("strong"), { textContent: `${whose}: ` });
  made.append(strong, told ? told.join(" · ") : words.notasked);
  return made;
}

part("[data-file]").addEventListener("click", async () => {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(await asFile());
  link.download = `records-${new Date().toISOString().slice(0, 10)}.json`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
});
part("#load").addEventListener("change", async (event) => {
  const input = /** @type {HTMLInputElement} */ (event.target);
  const added = input.files?.[0] ? await load(await input.files[0].text()) : -1;
  input.value = "";
  say(added < 0 ? words.nofile : fill(words.loaded, { num: added }));
});
