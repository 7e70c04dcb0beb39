/* The hall: what every part of the page shares. Words, events, the server's clock, the chosen things. */
(function () {
  "use strict";
  const clientside = (window.dash_clientside = window.dash_clientside || {});
  const hall = (clientside.hall = clientside.hall || {});
  const root = document.documentElement;

  hall.lang = root.lang && root.lang.startsWith("en") ? "en" : "zh";
  hall.screen = root.dataset.screen || location.pathname.split("/")[1];
  root.dataset.screen = hall.screen;
  hall.sinks = hall.sinks || {};
  hall.selection = hall.selection || {};

  /* Events: hall.on(name, fn) gives a function that takes the listener away again. */
  const listeners = new Map();
  hall.on = (name, listener) => {
    if (!listeners.has(name)) listeners.set(name, new Set());
    listeners.get(name).add(listener);
    return () => listeners.get(name).delete(listener);
  };
  hall.tell = (name, detail) => {
    for (const listener of [...(listeners.get(name) || [])]) {
      try {
        listener(detail);
      } catch (error) {
        console.error(name, error);
      }
    }
  };

  /* What the root says of the whole page: style sheets and banners go by it. */
  hall.mark = (name, value) => {
    const text = value ? String(value === true ? 1 : value) : undefined;
    if (root.dataset[name] === text) return;
    if (text) root.dataset[name] = text;
    else delete root.dataset[name];
    hall.tell("mark", { name });
  };

  /* Words: hall.t("send.pending"); {name} is filled in; {n:#order|orders} is the word for the number. */
  let words = {};
  hall.t = (key, values = {}) =>
    (words[key] || key).replace(/\{(\w+)(?::([^}]*))?\}/g, (whole, name, form) => (name in values ? said(String(values[name]), form) : whole));
  function said(value, form = "") {
    if (!form.startsWith("#")) return value;
    return form.slice(1).split("|")[value === "1" ? 0 : 1];
  }
  hall.words = fetch(`/texts/${hall.lang}.json`, { credentials: "same-origin" })
    .then((answer) => (answer.ok ? answer.json() : {}))
    .then((found) => {
      words = found;
      hall.tell("words", hall.lang);
    })
    .catch(() => {});

  /* The server's time in ms, carried by the monotonic clock: the machine's own may be wrong. */
  let offset = Date.now() - performance.now();
  let known = false;
  hall.now = () => Math.round(performance.now() + offset);
  hall.setNow = (server) => {
    const fresh = server - performance.now();
    offset = known ? Math.max(fresh, Math.min(offset, fresh + 500)) : fresh;
    known = true;
  };
  hall.clockKnown = () => known;

  /* The chosen thing of each kind; keys and buttons act on it. */
  hall.select = (kind, id) => {
    if (hall.selection[kind] === id) return;
    hall.selection[kind] = id;
    hall.tell("select", { kind, id });
  };

  hall.uuid = () => {
    if (window.crypto.randomUUID) return window.crypto.randomUUID();
    const bytes = window.crypto.getRandomValues(new Uint8Array(16));
    return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  };

  /* Runs `then` once the page that Dash builds is there. */
  hall.ready = new Promise((resolve) => {
    const there = () => document.getElementById("screen") && clientside.set_props;
    if (there()) return resolve();
    const watch = new MutationObserver(() => {
      if (!there()) return;
      watch.disconnect();
      resolve();
    });
    return watch.observe(document, { childList: true, subtree: true });
  });
})();
