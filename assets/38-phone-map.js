/* The phone's map: the incident, the unit's own last place, and the straight line between them. */
(function () {
  "use strict";
  const hall = window.dash_clientside.hall;
  const L = window.L;
  if (hall.screen !== "phone" || !L) return;
  let drawn = [];

  const make = (tag, name, words) => {
    const element = document.createElement(tag);
    element.className = name;
    if (words) element.textContent = words;
    return element;
  };

  function point(row) {
    const box = make("div", "mark");
    const sign = row.id === "goal" ? make("i", "lv") : make("i", "u", hall.t(`mark.${row.force_type}`));
    if (row.id === "goal") sign.dataset.lv = String(row.level || 0);
    box.append(sign);
    const icon = L.divIcon({ className: "mapmark", html: box, iconSize: null });
    return L.marker([row.lat, row.lon], { icon, interactive: false, keyboard: false });
  }

  function paint(map, rows) {
    for (const part of drawn) part.remove();
    drawn = rows.map(point);
    const places = rows.map((row) => [row.lat, row.lon]);
    if (places.length > 1) drawn.push(L.polyline(places, { color: hall.token("--act"), weight: 4, dashArray: "8 8", interactive: false }));
    for (const part of drawn) part.addTo(map);
    hall.fit(JSON.stringify(places), places);
  }

  /* Shown only while there is somewhere to go. */
  hall.sinks["phone-map-points"] = {
    set(rows) {
      const panel = document.getElementById("panel-phone-map");
      if (rows.length) panel.dataset.goal = "1";
      else delete panel.dataset.goal;
      hall.withMap((map) => {
        map.invalidateSize({ animate: false });
        paint(map, rows);
      });
    },
  };
})();
