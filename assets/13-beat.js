/* The age of the picture: more than three seconds without a heartbeat, and the page says so. */
(function () {
  "use strict";
  const hall = window.dash_clientside.hall;
  const root = document.documentElement;
  const STALE_MS = 3000;
  let last = performance.now();
  let lastServer = null;

  hall.beat = (message) => {
    last = performance.now();
    lastServer = message.now;
    if (message.redis !== undefined) mark("bell", message.redis === false);
    look();
  };

  function mark(name, on) {
    if (on) root.dataset[name] = "1";
    else delete root.dataset[name];
  }

  function look() {
    const old = performance.now() - last > STALE_MS;
    if (old === Boolean(root.dataset.stale)) return;
    mark("stale", old);
    if (old) sayStopped();
    hall.tell(old ? "stale" : "fresh", lastServer);
  }

  function sayStopped() {
    const at = document.getElementById("stopped-at");
    if (!at) return;
    const moment = lastServer || hall.now();
    at.textContent = hall.clockText ? hall.clockText(moment) : "";
    root.dataset.staleSince = String(moment);
  }

  hall.age = () => performance.now() - last;
  setInterval(look, 250);
  try {
    /* A worker's timer goes on while the page is hidden and its own timers are slowed. */
    const ticks = new Blob(["setInterval(() => postMessage(0), 500)"], { type: "text/javascript" });
    new Worker(URL.createObjectURL(ticks)).onmessage = look;
  } catch (error) {
    console.warn("no worker", error);
  }
})();
