/* The phone's own network and battery, where its browser tells them; what it does not tell stays out. */
(function () {
  "use strict";
  const hall = window.dash_clientside.hall;
  if (hall.screen !== "phone") return;
  const WIFI = "Wi-Fi";
  const LINKS = { wifi: WIFI, cellular: "", ethernet: "LAN" };
  let battery = null;

  /* A cellular link by its class; where the kind of link is not told, the class as measured. */
  function network() {
    const { connection } = navigator;
    if (!navigator.onLine || !connection) return "";
    const grade = (connection.effectiveType || "").toUpperCase();
    return LINKS[connection.type] || (grade ? hall.t("phone.link", { grade }) : "");
  }
  const charge = () => (battery ? hall.t("phone.battery", { n: Math.round(battery.level * 100) }) : "");

  function paint() {
    const place = document.getElementById("phone-device");
    const words = [network(), charge()].filter(Boolean).join(" · ");
    if (place && place.textContent !== words) place.textContent = words;
  }

  async function listen() {
    if (navigator.connection) navigator.connection.addEventListener("change", paint);
    if (navigator.getBattery) battery = await navigator.getBattery().catch(() => null);
    if (battery) battery.addEventListener("levelchange", paint);
    paint();
  }
  for (const name of ["online", "offline"]) window.addEventListener(name, paint);
  hall.ready.then(listen);
})();
