/* Times that go on by themselves: one tick a second for every [data-t], from the server's clock. */
(function () {
  "use strict";
  const hall = window.dash_clientside.hall;
  const EAST_8 = 8 * 3600e3;
  const two = (n) => String(n).padStart(2, "0");

  hall.clockText = (at, seconds = true) => {
    const moment = new Date(at + EAST_8);
    const text = `${two(moment.getUTCHours())}:${two(moment.getUTCMinutes())}`;
    return seconds ? `${text}:${two(moment.getUTCSeconds())}` : text;
  };
  hall.dateText = (at) => new Date(at + EAST_8).toISOString().slice(0, 10);

  /* m:ss below an hour, then hours and minutes. */
  function span(ms) {
    const s = Math.floor(Math.abs(ms) / 1000);
    if (s < 3600) return `${Math.floor(s / 60)}:${two(s % 60)}`;
    return hall.t("time.hours", { h: Math.floor(s / 3600), m: two(Math.floor((s % 3600) / 60)) });
  }
  hall.spanText = span;

  /* The largest unit that says enough: 45 秒, 12 分, 3 时 21. */
  function rough(ms) {
    const s = Math.max(0, Math.floor(ms / 1000));
    if (s < 60) return hall.t("time.seconds", { n: s });
    if (s < 3600) return hall.t("time.minutes", { n: Math.floor(s / 60) });
    if (s < 172800) return hall.t("time.hours", { h: Math.floor(s / 3600), m: two(Math.floor((s % 3600) / 60)) });
    return hall.t("time.days", { n: Math.floor(s / 86400) });
  }
  hall.roughText = rough;

  function full(ms) {
    const s = Math.max(0, Math.floor(ms / 1000));
    return `${two(Math.floor(s / 3600))}:${two(Math.floor((s % 3600) / 60))}:${two(s % 60)}`;
  }

  function left(element, until, now) {
    const over = now > until;
    if (over) element.dataset.over = "1";
    else delete element.dataset.over;
    return hall.t(over ? "time.over" : "time.left", { span: span(until - now) });
  }

  const KINDS = {
    clock: (element, at, now) => hall.clockText(now),
    date: (element, at, now) => hall.dateText(now),
    weekday: (element, at, now) => hall.t(`weekday.${new Date(now + EAST_8).getUTCDay()}`),
    age: (element, at, now) => rough(now - at),
    elapsed: (element, at, now) => full(now - at),
    left,
    over: left,
  };

  /* What goes on from the server's last time while the server is out of reach is marked. */
  const RUNNING = new Set(["age", "elapsed", "left", "over"]);

  function share(element, at, now) {
    const from = Number(element.dataset.from);
    if (!from) return;
    const done = Math.min(100, Math.max(0, ((now - from) / (at - from)) * 100));
    element.style.setProperty("--done", done.toFixed(1));
  }

  function tick() {
    if (!hall.clockKnown()) return setTimeout(tick, 100);
    const now = hall.now();
    const stale = document.documentElement.dataset.stale;
    for (const element of document.querySelectorAll("[data-t]")) {
      const { t, t0 } = element.dataset;
      if (stale && (t === "clock" || t === "date")) continue;
      const kind = KINDS[t];
      if (!kind) continue;
      const text = kind(element, Number(t0), now);
      if (element.textContent !== text) element.textContent = text;
      if (!stale) delete element.dataset.estimated;
      else if (RUNNING.has(t)) element.dataset.estimated = hall.t("time.estimated");
      share(element, Number(t0), now);
    }
    hall.tell("tick", now);
    return setTimeout(tick, 1000 - (now % 1000) + 5);
  }

  document.addEventListener("hall:painted", () => hall.clockKnown() && soon());
  for (const name of ["rows", "push", "snapshot"]) hall.on(name, () => hall.clockKnown() && soon());
  let waiting = false;
  function soon() {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => {
      waiting = false;
      once();
    });
  }
  function once() {
    const now = hall.now();
    for (const element of document.querySelectorAll("[data-t]")) {
      if (element.textContent && element.dataset.shown === element.dataset.t0) continue;
      const kind = KINDS[element.dataset.t];
      if (!kind) continue;
      element.dataset.shown = element.dataset.t0 || "";
      element.textContent = kind(element, Number(element.dataset.t0), now);
    }
  }
  hall.words.then(() => hall.ready).then(tick);
})();
