// The worker of the survey. It opens one page where there is no connection, and keeps that page with its files; nothing
// else. It answers for addresses below /volunteer/survey alone; pages of anybody come from the server, always, and are
// never kept. FACTS is put before this text by the server.

/* global FACTS */

const worker = /** @type {any} */ (self);
const facts = /** @type {{ on: boolean, prefix: string, files: string[], shells: Record<string, string>, root: string, shell: string }} */ (
  // @ts-expect-error: written by the server
  FACTS
);
const CACHE = `mapapp-survey-${facts.prefix}`;
const OURS = "mapapp-survey-";
const PATIENCE = 8_000; // a page that takes longer on a weak line opens from the phone
const PATIENCE_SENDING = 25_000;

async function install() {
  const cache = await caches.open(CACHE);
  for (const address of Object.values(facts.shells)) {
    const answer = await fetch(address, { credentials: "omit", cache: "reload" });
    const page = await answer.clone().text();
    // During an update, another version can answer: its files would be missing. The browser tries again later.
    if (!answer.ok || !page.includes(facts.prefix)) throw new Error("another version");
    await cache.put(address, answer);
  }
  await cache.addAll(facts.files.map((file) => facts.prefix + file));
}

async function removeOld() {
  for (const name of await caches.keys()) {
    if (name.startsWith(OURS) && (!facts.on || name !== CACHE)) await caches.delete(name);
  }
  if (!facts.on) await worker.registration.unregister();
}

/** @param {URL} address */
function kept(address) {
  const wanted = address.searchParams.get("lang") ?? "";
  const page = facts.shells[wanted] ?? facts.shell;
  return caches.match(page, { cacheName: CACHE });
}

/**
 * @param {Request} request
 * @param {number} patience
 */
function fromServer(request, patience) {
  return Promise.race([
    fetch(request),
    new Promise((_, reject) => {
      setTimeout(() => reject(new Error("slow")), patience);
    }),
  ]);
}

/** @param {Request} request */
async function opened(request) {
  const address = new URL(request.url);
  try {
    return await fromServer(request, PATIENCE);
  } catch {
    if (address.pathname === facts.shell) return (await kept(address)) ?? Response.error();
    const lang = address.searchParams.get("lang");
    const place = address.pathname.match(/\/(\d+)\/(\d{8})$/);
    return Response.redirect(`${facts.shell}${lang ? `?lang=${lang}` : ""}${place ? `#${place[1]}/${place[2]}` : ""}`, 302);
  }
}

/**
 * A form that could not be sent: its tab has what was typed, and the page without a connection goes on with it, under the
 * same key. Should the server have it already, it counts once.
 * @param {Request} request
 */
async function sent(request) {
  const lang = new URL(request.url).searchParams.get("lang");
  try {
    return await fromServer(request, PATIENCE_SENDING);
  } catch {
    return Response.redirect(`${facts.shell}${lang ? `?lang=${lang}` : ""}#sent`, 303);
  }
}

/** @param {Request} request */
async function fileOf(request) {
  return (await caches.match(request, { cacheName: CACHE })) ?? fetch(request);
}

worker.addEventListener("install", (/** @type {any} */ event) => {
  worker.skipWaiting();
  if (facts.on) event.waitUntil(install());
});
worker.addEventListener("activate", (/** @type {any} */ event) => {
  event.waitUntil(removeOld().then(() => (facts.on ? worker.clients.claim() : undefined)));
});
if (facts.on) {
  worker.addEventListener("fetch", (/** @type {any} */ event) => {
    const { request } = event;
    const address = new URL(request.url);
    if (address.origin !== worker.location.origin) return;
    if (request.mode === "navigate") {
      const inside = address.pathname === facts.root || address.pathname.startsWith(`${facts.root}/`);
      if (!inside) return;
      if (request.method === "GET") event.respondWith(opened(request));
      else if (/\/\d+\/\d{8}$/.test(address.pathname)) event.respondWith(sent(request));
    } else if (request.method === "GET" && address.pathname.startsWith(facts.prefix)) event.respondWith(fileOf(request));
  });
  worker.addEventListener("sync", (/** @type {any} */ event) => {
    if (event.tag !== "outbox") return;
    // The open pages send: they have the keys.
    const pages = worker.clients.matchAll({ type: "window" });
    event.waitUntil(pages.then((/** @type {any[]} */ all) => all.forEach((one) => one.postMessage("send the outbox"))));
  });
}
