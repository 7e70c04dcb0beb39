/* The phone's place: taken only while it is shared for an order, kept while the centre is out of
   reach, and no longer taken when the order ends. */
(function () {
  "use strict";
  const hall = window.dash_clientside.hall;
  if (hall.screen !== "phone") return;
  const SEND_MS = 5000;
  const KEPT = 600;
  const OPTIONS = { enableHighAccuracy: true, maximumAge: 5000, timeout: 20000 };
  const GONE = new Set([400, 403, 404, 409, 422]);
  let order = null;
  let watching = null;
  let points = [];
  let sending = false;
  let last = null;
  let why = "";

  function look() {
    const line = document.querySelector("#phone-running [data-sharing]");
    const wanted = line ? line.dataset.sharing : null;
    if (wanted === order) return paint();
    order = wanted;
    points = [];
    last = null;
    if (watching !== null) navigator.geolocation.clearWatch(watching);
    watching = order && navigator.geolocation ? navigator.geolocation.watchPosition(found, failed, OPTIONS) : null;
    return paint();
  }

  function found({ coords, timestamp }) {
    why = "";
    const at = Math.round(hall.now() - Math.max(0, Date.now() - timestamp));
    last = { lat: coords.latitude, lon: coords.longitude, accuracy: Math.round(coords.accuracy), at };
    points.push(last);
    if (points.length > KEPT) points = points.filter((one, n) => n % 2 || n === points.length - 1);
    paint();
  }
  function failed(error) {
    why = error.message || String(error.code);
    paint();
  }
  hall.phonePlace = () => last;

  async function send() {
    if (sending || !order || !points.length || !hall.who) return;
    sending = true;
    const some = points;
    points = [];
    const body = JSON.stringify({ order, points: some });
    const headers = { "Content-Type": "application/json" };
    const answer = await fetch("/api/v1/positions/own", { method: "POST", credentials: "same-origin", headers, body }).catch(() => null);
    if (!answer || !(answer.ok || GONE.has(answer.status))) points = [...some, ...points].slice(-KEPT);
    sending = false;
  }

  function paint() {
    const place = document.querySelector("#phone-running [data-place]");
    if (!place) return;
    const words = why && !last ? hall.t("scene.place_none", { why }) : last ? hall.t("scene.place_last", { age: hall.roughText(hall.now() - last.at), n: last.accuracy }) : hall.t("scene.place_waiting");
    if (place.textContent !== words) place.textContent = words;
  }

  /* A call for help says where, if that is shared anyway or can be had at once. */
  hall.on("acting", ({ name, body }) => {
    if (name === "order.ask_help" && last) Object.assign(body, { lat: last.lat, lon: last.lon });
  });

  document.addEventListener("hall:painted", (event) => event.detail === "phone-running" && look());
  hall.on("tick", paint);
  setInterval(send, SEND_MS);
})();
