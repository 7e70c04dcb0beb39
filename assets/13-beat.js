/* The age of the picture: before three seconds without a heartbeat are over the page says so.
   `pulse` goes on while the page is hidden: reports, this watch and alarms hang on it. */
(function () {
  "use strict";
  const hall = window.dash_clientside.hall;
  const root = document.documentElement;
  const STALE_MS = 2600; // and a pulse, and a busy moment
  const PULSE_MS = 250;
  let last = performance.now();
  let lastServer = null;

  /* behind: for how long (ms) the server itself has not come to serve what it knows of. */
  hall.beat = (message) => {
    last = performance.now() - (message.behind || 0);
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
    else delete root.dataset.staleSince;
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
  hall.on("pulse", look);

  /* A worker's timer goes on while the page is hidden and its own timers are slowed. */
  const own = setInterval(() => hall.tell("pulse"), PULSE_MS);
  try {
    const ticks = new Blob([`setInterval(() => postMessage(0), ${PULSE_MS})`], { type: "text/javascript" });
    new Worker(URL.createObjectURL(ticks)).onmessage = () => {
      clearInterval(own);
      hall.tell("pulse");
    };
  } catch (error) {
    console.warn("no worker", error);
  }
})();
