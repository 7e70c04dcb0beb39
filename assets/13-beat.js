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
  let dumb = 0;

  /* behind: for how long (ms) the server itself has not come to serve what it knows of; redis and
     writable: whether bells ring, and whether the store takes what is written. */
  hall.beat = (message) => {
    last = performance.now() - (message.behind || 0);
    lastServer = message.now;
    if (message.redis !== undefined) hall.mark("bell", rings(message.redis));
    if (message.writable !== undefined) hall.mark("unwritable", !message.writable);
    look();
  };

  /* Of a bell that is missed once nobody need be told: the next look is a third of a second away. */
  function rings(redis) {
    dumb = redis ? 0 : dumb + 1;
    return dumb > 1;
  }

  function look() {
    const old = performance.now() - last > STALE_MS;
    if (old === Boolean(root.dataset.stale)) return;
    if (old) sayStopped();
    else delete root.dataset.staleSince;
    hall.mark("stale", old);
    hall.tell(old ? "stale" : "fresh", lastServer);
  }

  function sayStopped() {
    const at = document.getElementById("stopped-at");
    if (!at) return;
    const moment = lastServer || hall.now();
    const time = hall.clockText ? hall.clockText(moment) : "";
    at.textContent = time;
    root.style.setProperty("--stopped", JSON.stringify(`${hall.t("stale.stopped")} ${time}`));
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
