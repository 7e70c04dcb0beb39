/* Cameras on the map: place, what each looks at as a wedge, and whether its picture is good.
   A press, or Enter on one that Tab has reached, opens its picture at the desk. */
(function () {
  "use strict";
  const hall = window.dash_clientside.hall;
  const L = window.L;
  if (!L) return;
  const REACH_M = 180;
  const NEAR_ZOOM = 12.5; // farther out they would cover the map
  const STEP = 12; // degrees of the wedge's arc
  const METRES = 111320;
  const drawn = new Map();
  let group = null;
  let wedges = null;
  let rows = [];

  const moved = (lat, lon, bearing, metres) => [
    lat + (Math.cos((bearing * Math.PI) / 180) * metres) / METRES,
    lon + (Math.sin((bearing * Math.PI) / 180) * metres) / (METRES * Math.cos((lat * Math.PI) / 180)),
  ];

  function wedge({ lat, lon, heading, fov }) {
    const points = fov >= 360 ? [] : [[lat, lon]];
    for (let turn = -fov / 2; turn < fov / 2; turn += STEP) points.push(moved(lat, lon, heading + turn, REACH_M));
    points.push(moved(lat, lon, heading + fov / 2, REACH_M));
    return points;
  }

  function face(row) {
    const box = document.createElement("button");
    box.type = "button";
    box.className = "camera";
    box.tabIndex = hall.screen === "desk" ? 0 : -1;
    box.dataset.camera = row.id;
    box.title = row.name;
    box.setAttribute("aria-label", row.name);
    box.addEventListener("click", (event) => {
      event.stopPropagation();
      open(row.id);
    });
    return box;
  }

  function open(id) {
    const row = rows.find((one) => one.id === id);
    if (row && hall.showCamera) hall.showCamera({ ...row.tile, id: row.tile.feed });
  }

  function draw(row) {
    const icon = L.divIcon({ className: "mapmark", html: face(row), iconSize: null });
    const mark = L.marker([row.lat, row.lon], { icon, keyboard: false, interactive: false, pane: "overlayPane" });
    const color = hall.token("--cam-wedge");
    const area = L.polygon(wedge(row), { color, weight: 1, fillOpacity: 0.12, interactive: false });
    return { text: JSON.stringify(row), mark, area, face: icon.options.html };
  }

  function remove(known) {
    group.removeLayer(known.mark);
    wedges.removeLayer(known.area);
  }

  function paint() {
    if (!group) return;
    const wanted = new Map(rows.map((row) => [row.id, row]));
    for (const [id, known] of drawn) {
      const row = wanted.get(id);
      if (row && row.lat === known.row.lat && row.heading === known.row.heading && row.fov === known.row.fov) continue;
      remove(known);
      drawn.delete(id);
    }
    for (const row of rows) {
      if (!drawn.has(row.id)) {
        const made = draw(row);
        group.addLayer(made.mark);
        wedges.addLayer(made.area);
        drawn.set(row.id, made);
      }
      const known = drawn.get(row.id);
      known.row = row;
      known.face.dataset.state = row.state;
      known.face.title = [row.name, row.said].filter(Boolean).join(" · ");
    }
    near();
  }

  /* From far away cameras are not drawn; the chosen incident's stay. */
  function near() {
    if (!group || !hall.leaflet) return;
    const far = hall.leaflet.getZoom() < NEAR_ZOOM;
    hall.leaflet.getContainer().dataset.cameras = far ? "far" : "near";
    if (far && wedges._map) wedges.remove();
    if (!far && group._map && !wedges._map) wedges.addTo(hall.leaflet);
  }

  hall.sinks["map-cameras"] = {
    set(found) {
      rows = found;
      paint();
      hall.tell("cameras", rows.map((row) => row.tile));
    },
  };
  hall.layers.cameras = {
    show(on) {
      if (on) hall.leaflet.addLayer(group);
      else hall.leaflet.removeLayer(group);
      if (!on && wedges._map) wedges.remove();
      near();
    },
    mount(event) {
      if (group) return;
      group = event.target;
      wedges = L.layerGroup();
      paint();
      hall.withMap((map) => {
        map.on("zoomend", near);
        near();
      });
    },
  };
  hall.cameraShown = (id) => drawn.has(id);
})();
