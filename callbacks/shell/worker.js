/* Keeps the phone's page itself, so that it opens without network: its page, scripts, styles, words.
   Facts are never kept: what a phone shows of orders is asked for anew, or said to stand still. */
"use strict";
const KEPT = "yiping-phone-1";
const SHELL = [/^\/phone\/$/, /^\/phone\/_dash-/, /^\/phone\/assets\//, /^\/assets\//, /^\/vendor\//, /^\/texts\//, /^\/phone\/(icon|app)\./];
const WAIT_MS = 4000;

const ours = (request) => request.method === "GET" && new URL(request.url).origin === location.origin && SHELL.some((one) => one.test(new URL(request.url).pathname));

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => {
  const old = caches.keys().then((names) => Promise.all(names.filter((name) => name !== KEPT).map((name) => caches.delete(name))));
  event.waitUntil(old.then(() => self.clients.claim()));
});

/* A page's parts are kept apart by the language that its address names: they carry its words. */
function place(request) {
  const own = new URL(request.url);
  const lang = request.referrer && new URL(request.referrer).searchParams.get("lang");
  if (!lang || !own.pathname.startsWith("/phone/_dash-")) return request;
  own.searchParams.set("lang", lang);
  return own.href;
}

/* The network first; what was kept only when it does not answer. */
async function answer(request) {
  const kept = await caches.open(KEPT);
  const cut = new AbortController();
  const timer = setTimeout(() => cut.abort(), WAIT_MS);
  try {
    const fresh = await fetch(request, { signal: cut.signal, referrer: request.referrer });
    if (fresh.ok && !fresh.redirected && fresh.status === 200) kept.put(place(request), fresh.clone()).catch(() => {});
    return fresh;
  } catch (error) {
    const known = await kept.match(place(request), { ignoreVary: true });
    if (known) return known;
    throw error;
  } finally {
    clearTimeout(timer);
  }
}
self.addEventListener("fetch", (event) => {
  if (ours(event.request)) event.respondWith(answer(event.request));
});
