/* Alerts and incidents on the map: a badge by level, a chip with the title, the area they speak of. */
(function () {
  "use strict";
  const hall = window.dash_clientside.hall;
  const L = window.L;
  if (!L) return;
  const ROMAN = { 1: "Ⅰ", 2: "Ⅱ", 3: "Ⅲ", 4: "Ⅳ" };
  const drawn = new Map();
  let group = null;
  let rows = [];

  const make = (tag, name, words) => {
    const element = document.createElement(tag);
    element.className = name;
    if (words !== undefined) element.textContent = words;
    return element;
  };

  function face(row) {
    const box = make("div", "mark");
    box.dataset.kind = row.kind;
    box.dataset.id = row.id;
    const badge = make("i", "lv");
    badge.dataset.lv = String(row.level || 0);
    badge.setAttribute("role", "img");
    badge.setAttribute("aria-label", ROMAN[row.level] || "");
    box.append(badge, make("span", "tx", row.title));
    return box;
  }

  /* An incident's area is tinted; an alert's is only outlined, for a warning may hold the whole city. */
  function area(row) {
    const incident = row.kind === "incident";
    const scale = Math.max(1, hall.mapScale() * 0.7);
    const style = {
      color: hall.token(`--lv${row.level || 4}`),
      weight: (incident ? 2 : 1.5) * scale,
      dashArray: incident ? null : `${2 * scale} ${5 * scale}`,
      fill: incident,
      fillOpacity: 0.14,
      interactive: false,
    };
    if (row.polygon) {
      const geometry = { type: row.polygon_type || "Polygon", coordinates: row.polygon };
      return L.geoJSON(geometry, { style, interactive: false });
    }
    return row.radius_m ? L.circle([row.lat, row.lon], { ...style, radius: row.radius_m }) : null;
  }

  function draw(row) {
    const icon = L.divIcon({ className: "mapmark", html: face(row), iconSize: null });
    const mark = L.marker([row.lat, row.lon], { icon, keyboard: false, zIndexOffset: (row.kind === "incident" ? 2000 : 1000) - 10 * (row.level || 9) });
    mark.on("click", () => hall.select(row.kind, row.id));
    const around = area(row);
    const parts = around ? [around, mark] : [mark];
    for (const part of parts) group.addLayer(part);
    return { text: JSON.stringify(row), parts, face: icon.options.html, at: [row.lat, row.lon] };
  }

  function remove(known) {
    for (const part of known.parts) group.removeLayer(part);
  }

  function paint() {
    if (!group) return;
    const wanted = new Set(rows.map((row) => row.id));
    for (const [id, known] of drawn) {
      if (wanted.has(id)) continue;
      remove(known);
      drawn.delete(id);
    }
    for (const row of rows) {
      const known = drawn.get(row.id);
      if (known && known.text === JSON.stringify(row)) continue;
      if (known) remove(known);
      drawn.set(row.id, draw(row));
    }
    choose();
    title();
    look();
  }

  /* A chip for all is unreadable: chips stand at incidents, at the chosen thing and at the worst;
     in wartime the alerts keep their badges alone. */
  function choose() {
    const chosen = new Set(Object.values(hall.selection));
    const worst = rows.filter((row) => row.kind === "alert").sort((a, b) => (a.level || 9) - (b.level || 9) || b.at - a.at);
    const many = document.documentElement.dataset.mode === "WARTIME" ? 0 : hall.screen === "wall" ? 6 : 12;
    const named = new Set(worst.slice(0, many).map((row) => row.id));
    for (const [id, known] of drawn) {
      const row = rows.find((one) => one.id === id);
      known.face.dataset.chosen = chosen.has(id) ? "1" : "0";
      known.keep = chosen.has(id) || Boolean(row && row.kind === "incident");
      known.rank = `${known.face.dataset.chosen === "1" ? 0 : known.keep ? 1 : 2}${(row && row.level) || 9}${id}`;
      known.face.dataset.chip = known.keep || named.has(id) ? "1" : "0";
    }
    settleSoon();
  }

  /* Chips stand to the right of their badge, else to the left; one that would lie on another, on a
     badge or on the map's own notes is left out. Only what is handled keeps its words in any case. */
  const PAUSE_MS = 120;
  const EVERY_MS = 1000;
  let due = false;
  let settledAt = -EVERY_MS;
  function settleSoon() {
    if (due) return;
    due = true;
    setTimeout(() => ((due = false), settle()), Math.max(PAUSE_MS, settledAt + EVERY_MS - performance.now()));
  }
  function settle() {
    if (!group || !hall.leaflet) return;
    settledAt = performance.now();
    const at = (known) => hall.leaflet.latLngToContainerPoint(known.at);
    const half = 15 * hall.mapScale();
    const width = hall.leaflet.getSize().x;
    const badges = [...drawn.values()].map((known) => ({ known, ...box(at(known), half) }));
    const shown = [...drawn.values()].filter((known) => known.face.dataset.chip === "1").sort((a, b) => (a.rank < b.rank ? -1 : 1));
    const chips = notes();
    const names = hall.nameBoxes ? hall.nameBoxes() : [];
    const sizes = new Map(shown.map((known) => [known, [known.face.lastChild.offsetWidth, known.face.lastChild.offsetHeight]]));
    for (const known of shown) {
      const others = badges.filter((one) => one.known !== known);
      const [w, h] = sizes.get(known);
      const { x, y } = at(known);
      const sides = { right: { x: x + half, y: y - h / 2, w, h }, left: { x: x - half - w, y: y - h / 2, w, h } };
      const inside = (one) => one.x >= 0 && one.x + one.w <= width;
      const free = (taken) => Object.keys(sides).find((side) => inside(sides[side]) && hall.signs.free(sides[side], taken));
      const side = free([...chips, ...others, ...names]) || free([...chips, ...others]) || free([...chips, ...others.filter((one) => one.known.rank < known.rank)]) || (known.keep ? "right" : null);
      if (side) chips.push(sides[side]);
      known.face.dataset.side = side || "right";
      if (!side) known.face.dataset.chip = "0";
    }
    hall.tell("chips");
  }
  const box = ({ x, y }, half) => ({ x: x - half, y: y - half, w: 2 * half, h: 2 * half });

  /* The words and tools that lie over the map. */
  function notes() {
    const from = hall.leaflet.getContainer().getBoundingClientRect();
    return [...document.querySelectorAll(".mapnote, .maptools > *")].map((one) => {
      const { left, top, width, height } = one.getBoundingClientRect();
      return { x: left - from.left, y: top - from.top, w: width, h: height };
    });
  }
  hall.mapNotes = notes;
  if (hall.withMap) hall.withMap((map) => map.on("zoomend moveend resize", choose));

  /* Where chips stand on the map, or all marks: what else is drawn keeps out of their way. */
  hall.markBoxes = (all = false) => {
    const from = hall.leaflet.getContainer().getBoundingClientRect();
    const shown = [...drawn.values()].filter((known) => all || known.face.dataset.chip === "1");
    return shown.map((known) => {
      const { left, top, width, height } = known.face.getBoundingClientRect();
      return { x: left - from.left, y: top - from.top, w: width, h: height };
    });
  };

  function title() {
    const place = document.getElementById("map-title");
    if (!place) return;
    const count = (kind) => rows.filter((row) => row.kind === kind).length;
    const at = hall.clockText(Number(document.documentElement.dataset.staleSince) || hall.now());
    const where = (hall.scopeWords && hall.scopeWords()) || hall.t("map.city");
    const units = hall.unitCount ? hall.unitCount() : 0;
    place.textContent = hall.t("map.title", { where, incidents: count("incident"), alerts: count("alert"), units, at });
  }
  hall.on("tick", title);

  /* The incident that is being handled here: the chosen one, in wartime else the one it is for. */
  const gravity = (a, b) => (a.war || 9) - (b.war || 9) || (a.level || 9) - (b.level || 9) || b.at - a.at;
  function handled() {
    const incidents = rows.filter((row) => row.kind === "incident").sort(gravity);
    const chosen = incidents.find((row) => row.id === hall.selection.incident);
    return chosen || (document.documentElement.dataset.mode === "WARTIME" ? incidents[0] : undefined);
  }
  hall.incidentInSight = () => (handled() || {}).id || null;
  hall.markOf = (id) => rows.find((row) => row.id === id);

  /* In wartime the map holds the incident and its units; otherwise what a person has asked it to. */
  let followed = null;
  const look = () => find(false);
  function find(again) {
    const war = document.documentElement.dataset.mode === "WARTIME";
    const one = hall.markOf(followed) || (war ? handled() : undefined);
    if (!one) return hall.fit(null, [], again);
    const units = hall.unitsOf ? hall.unitsOf(one.id) : [];
    const name = [one.id, ...units.map((unit) => unit.id).sort()].join(" ");
    return hall.fit(name, [[one.lat, one.lon], ...units.map((unit) => [unit.lat, unit.lon])], again);
  }
  hall.lookAgain = look;

  /* Brings the chosen thing with its units into the middle; null lets it go. */
  hall.follow = (id = hall.selection.incident || hall.selection.alert) => {
    followed = id;
    find(Boolean(id));
  };
  hall.on("mode", () => {
    choose();
    look();
  });
  hall.on("select", () => {
    choose();
    look();
  });

  hall.sinks["map-marks"] = {
    set(found) {
      rows = found.filter((row) => Number.isFinite(row.lat) && Number.isFinite(row.lon));
      paint();
    },
  };
  hall.layers.marks = {
    mount(event) {
      group = event.target;
      drawn.clear();
      paint();
    },
  };
})();
