/* A ring on the map at the place that a person has found or clicked, with its name beside it. */
(function () {
  "use strict";
  const hall = window.dash_clientside.hall;
  const { desk } = hall;
  if (!desk) return;
  const NEAR = 14; // zoom at which streets can be told apart
  const RADIUS = 16;
  let ring = null;

  function label(words) {
    const text = document.createElement("span");
    text.textContent = words;
    return text;
  }

  /* Marks a place; `go` also brings it into the middle. */
  desk.showPoint = (lat, lon, name, go) => {
    desk.hidePoint();
    if (!hall.withMap || !window.L) return;
    hall.withMap((map) => {
      ring = window.L.circleMarker([lat, lon], { radius: RADIUS, color: hall.token("--act"), weight: 3, fill: false, interactive: false });
      ring.addTo(map);
      if (name) ring.bindTooltip(label(name), { permanent: true, direction: "right", offset: [RADIUS, 0], className: "found-here" });
      if (go) map.setView([lat, lon], Math.max(NEAR, map.getZoom()), { animate: false });
    });
  };
  desk.hidePoint = () => {
    if (ring) ring.remove();
    ring = null;
  };
  hall.on("select", desk.hidePoint);
  desk.verbs["look-at"] = (button) => hall.lookAt(button.dataset.districts.split(" "));
})();
