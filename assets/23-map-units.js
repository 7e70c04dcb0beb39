/* A thousand units on one canvas, drawn when a frame of positions comes (once a second). */
(function () {
  "use strict";
  const hall = window.dash_clientside.hall;
  const L = window.L;
  if (!L) return;
  const HEAD = 4;
  const SIZE = 15;
  const NEVER = 0xffffffff;
  const MOVING_MS = 60000;
  const PARKED_MS = 600000;
  const IDLE_MS = 5000;
  const RETRY_MS = 2000;
  const CELL = 80;
  const CROWD = 6;
  const PILE = 18;
  const NEAR_ZOOM = 13;
  const STATUS = ["AVAILABLE", "ASSIGNED", "EN_ROUTE", "ON_SCENE", "OFF_DUTY", "OUT_OF_SERVICE"];
  const SERVES = { ASSIGNED: "under", EN_ROUTE: "under", ON_SCENE: "there", OFF_DUTY: "off", OUT_OF_SERVICE: "off" };
  const places = new Map();
  let table = [];
  let busy = new Map();
  let layer = null;
  let painted = 0;
  let paintedAt = 0;
  let stacked = [];
  let abroad = [];
  let due = false;

  /* Which unit each index of a frame means; frames that come earlier are dropped. */
  async function learn() {
    const answer = await fetch("/api/v1/units/table", { credentials: "same-origin" }).catch(() => null);
    if (!answer || !answer.ok) return setTimeout(learn, RETRY_MS);
    table = (await answer.json()).units;
    return undefined;
  }

  /* How many units are of the place of who looks. */
  hall.unitCount = () => {
    const scope = (hall.who && hall.who.scope) || [];
    return scope.includes("city") ? table.length : table.filter((one) => scope.includes(one.district)).length;
  };

  /* u32 count, then u16 index, f32 lat, f32 lon, u32 age in ms, u8 status; little endian.
     A frame names every unit of the jurisdiction: who is not in it serves here no more. */
  function read(frame) {
    const view = frame instanceof ArrayBuffer ? new DataView(frame) : new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
    const count = view.getUint32(0, true);
    const now = hall.now();
    if (table.length) places.clear();
    for (let n = 0, at = HEAD; n < count; n += 1, at += SIZE) {
      const unit = table[view.getUint16(at, true)];
      if (!unit) continue;
      const age = view.getUint32(at + 10, true);
      places.set(unit.id, {
        unit,
        lat: view.getFloat32(at + 2, true),
        lon: view.getFloat32(at + 6, true),
        at: age === NEVER ? 0 : now - age,
        status: STATUS[view.getUint8(at + 14)] || "AVAILABLE",
      });
    }
  }

  /* A unit under way must be heard of every minute, one that stands every ten. */
  const lost = (place, now) => now - place.at > (place.status === "EN_ROUTE" ? MOVING_MS : PARKED_MS);
  const stateOf = (place, now) => (lost(place, now) ? "lost" : SERVES[place.status] || "free");

  /* Places of the units that hold an order of this incident or are lent to it, by unit. */
  hall.unitsOf = (incident) => [...busy.values()].filter((row) => row.incident === incident && places.has(row.id)).map((row) => ({ id: row.id, ...places.get(row.id) }));

  /* Seconds to arrive along a straight line, or nothing for a unit that is not on its way. */
  function arrival(place, row) {
    const goal = hall.markOf && hall.markOf(row.incident);
    if (!goal || !row.pace || SERVES[place.status] !== "under") return null;
    return L.latLng(place.lat, place.lon).distanceTo([goal.lat, goal.lon]) / row.pace;
  }

  function label(place, row, now) {
    const { name } = place.unit;
    const called = hall.lang === "en" ? name.en || name.zh : name.zh;
    if (lost(place, now)) return { words: `${called} · ${hall.t("map.lost", { age: hall.roughText(now - place.at) })}` };
    const seconds = arrival(place, row);
    return { words: called, eta: seconds === null ? "" : hall.t("map.eta", { n: Math.max(1, Math.ceil(seconds / 60)) }) };
  }

  const Units = L.Layer.extend({
    onAdd(map) {
      this._map = map;
      this._canvas = L.DomUtil.create("canvas", "units", map.getPanes().shadowPane);
      map.on("moveend zoomend resize viewreset", this.draw, this);
      map.on("zoomstart", this.hide, this);
      this.draw();
    },
    onRemove(map) {
      this._canvas.remove();
      map.off("moveend zoomend resize viewreset", this.draw, this);
      map.off("zoomstart", this.hide, this);
    },
    hide() {
      this._canvas.style.visibility = "hidden";
    },
    draw() {
      const map = this._map;
      const size = map && map.getSize();
      if (!size || !size.x) return;
      const ratio = window.devicePixelRatio || 1;
      this._fit(size, ratio);
      L.DomUtil.setPosition(this._canvas, map.containerPointToLayerPoint([0, 0]));
      this._canvas.style.visibility = "";
      const ctx = this._canvas.getContext("2d");
      ctx.setTransform(ratio, 0, 0, ratio, 0, 0);
      ctx.clearRect(0, 0, size.x, size.y);
      this._all(ctx, size, ratio);
      painted += 1;
      paintedAt = performance.now();
    },
    _fit(size, ratio) {
      const canvas = this._canvas;
      if (canvas.width === Math.round(size.x * ratio) && canvas.height === Math.round(size.y * ratio)) return;
      canvas.width = Math.round(size.x * ratio);
      canvas.height = Math.round(size.y * ratio);
      canvas.style.width = `${size.x}px`;
      canvas.style.height = `${size.y}px`;
    },
    /* Who waits may stand together as a number; who holds an order is always seen, on top. */
    _all(ctx, size, ratio) {
      const now = hall.now();
      const scale = hall.mapScale();
      const { waiting, held } = this._seen(size, scale);
      const crowds = this._map.getZoom() < NEAR_ZOOM;
      const names = crowds && hall.nameBoxes ? hall.nameBoxes() : [];
      for (const [many, point] of gather(waiting, crowds ? CELL * scale : PILE * scale, crowds ? CROWD : 2, this._map)) {
        if (crowds && many.length > 1) hall.signs.crowd(ctx, many.length, point, scale, names);
        else hall.signs.stamp(ctx, many[0].unit.force_type, stateOf(many[0], now), 7 * scale, point, ratio);
        if (!crowds && many.length > 1) hall.signs.pile(ctx, many.length, point, 7 * scale, scale);
      }
      this._held(ctx, held, { now, scale, ratio, size });
    },
    _seen(size, scale) {
      const edge = 20 * scale;
      const waiting = [];
      const held = [];
      for (const place of places.values()) {
        const point = this._map.latLngToContainerPoint([place.lat, place.lon]);
        if (point.x < -edge || point.y < -edge || point.x > size.x + edge || point.y > size.y + edge) continue;
        const row = busy.get(place.unit.id);
        if (row) held.push([place, point, row]);
        else waiting.push([place, point]);
      }
      return { waiting, held };
    },
    /* The units of the incident in sight are larger and say their name and arrival. */
    _held(ctx, held, { now, scale, ratio, size }) {
      const open = hall.incidentInSight ? hall.incidentInSight() : null;
      const own = held.filter(([, , row]) => row.incident === open);
      const others = held.filter(([, , row]) => row.incident !== open);
      const lent = others.filter(([, , row]) => elsewhere(row));
      abroad = lent.map(([place]) => place.unit.id);
      for (const [place, point] of others) hall.signs.stamp(ctx, place.unit.force_type, stateOf(place, now), 9 * scale, point, ratio);
      const taken = own.length || lent.length ? this._taken() : [];
      if (own.length) this._served(ctx, own, taken, { now, scale, ratio, size, open });
      for (const [place, point, row] of lent) {
        const { words } = label(place, row, now);
        hall.signs.chip(ctx, { words: hall.t("map.lent", { name: words }) }, point, 9 * scale, scale, taken, size);
      }
    },
    /* Where names must not stand. */
    _taken: () => [hall.markBoxes, hall.mapNotes, hall.droneBoxes].flatMap((boxes) => (boxes ? boxes() : [])),
    _served(ctx, own, taken, { now, scale, ratio, size, open }) {
      const goal = hall.markOf(open);
      const badge = goal ? this._map.latLngToContainerPoint([goal.lat, goal.lon]) : null;
      const groups = together(own, badge, scale);
      stacked = groups.map(({ units }) => units.map(([place]) => place.unit.id));
      const alone = groups.filter((one) => one.units.length === 1 && !one.hidden);
      const signs = alone.map(({ units: [[, point]] }) => ({ x: point.x - 11 * scale, y: point.y - 11 * scale, w: 22 * scale, h: 22 * scale }));
      taken.push(...signs);
      for (const { units, point } of groups.filter((one) => !alone.includes(one))) {
        const lines = units.map(([place, , row]) => ({ force: place.unit.force_type, state: stateOf(place, now), ...label(place, row, now) }));
        hall.signs.stack(ctx, lines, point, { scale, ratio, taken, size });
      }
      for (const { units: [[place, point, row]] } of alone) {
        hall.signs.stamp(ctx, place.unit.force_type, stateOf(place, now), 12 * scale, point, ratio);
        hall.signs.chip(ctx, label(place, row, now), point, 12 * scale, scale, taken, size);
      }
    },
  });

  /* Whether a unit works for an incident that is none of this screen's: it is lent out. */
  const elsewhere = (row) => Boolean(row.incident && hall.markOf) && !hall.markOf(row.incident);

  /* Signs that would lie on one another, or under the incident's badge, belong together. */
  function together(held, badge, scale) {
    const near = ({ hidden }) => (hidden ? 36 : 26) * scale;
    const groups = badge ? [{ units: [], point: badge, hidden: true }] : [];
    for (const one of held) {
      const group = groups.find((known) => Math.hypot(known.point.x - one[1].x, known.point.y - one[1].y) < near(known));
      if (group) group.units.push(one);
      else groups.push({ units: [one], point: one[1], hidden: false });
    }
    return groups.filter(({ units }) => units.length);
  }

  /* [units, point] of each sign: alone, or `least` and more of one cell of the ground together. */
  function* gather(waiting, side, least, map) {
    const origin = map.getPixelBounds().min;
    const cells = new Map();
    for (const one of waiting) {
      const key = `${Math.floor((one[1].x + origin.x) / side)}|${Math.floor((one[1].y + origin.y) / side)}`;
      if (!cells.has(key)) cells.set(key, []);
      cells.get(key).push(one);
    }
    for (const cell of cells.values()) {
      if (cell.length < least) for (const [place, point] of cell) yield [[place], point];
      else yield [cell.map(([place]) => place), middle(cell)];
    }
  }

  function middle(cell) {
    const sum = cell.reduce((found, [, point]) => found.add(point), L.point(0, 0));
    return sum.divideBy(cell.length);
  }

  /* At most once a frame, and never for a page that nobody sees. */
  function soon() {
    if (due || !layer || document.hidden) return;
    due = true;
    requestAnimationFrame(() => {
      due = false;
      layer.draw();
    });
  }

  hall.layers.units = {
    mount(event) {
      if (!layer) learn();
      layer = new Units();
      event.target.addLayer(layer);
    },
    show(on) {
      if (layer) layer._canvas.style.display = on ? "" : "none";
    },
  };
  hall.unitsPainted = () => painted;
  hall.unitsTogether = () => stacked;
  hall.unitsLent = () => abroad;
  hall.placeOf = (id) => places.get(id);
  /* The unit under a point of the map, the nearest one within `reach` pixels. */
  hall.unitAt = (lat, lon, reach = 16) => {
    const map = hall.leaflet;
    const point = map.latLngToContainerPoint([lat, lon]);
    let best = null;
    let near = reach * hall.mapScale();
    for (const place of places.values()) {
      const far = point.distanceTo(map.latLngToContainerPoint([place.lat, place.lon]));
      if (far < near) [best, near] = [place, far];
    }
    return best && best.unit;
  };
  hall.unitState = (id) => stateOf(places.get(id), hall.now());

  hall.on("positions", (frame) => {
    const known = places.size;
    read(frame);
    if (places.size !== known && hall.lookAgain) hall.lookAgain();
    soon();
  });
  hall.on("select", soon);
  hall.on("mode", soon);
  hall.on("chips", soon);
  hall.on("tick", () => performance.now() - paintedAt > IDLE_MS && soon());
  document.addEventListener("visibilitychange", soon);
  hall.sinks["map-units"] = {
    set(rows) {
      busy = new Map(rows.filter((row) => row.incident).map((row) => [row.id, row]));
      soon();
      if (hall.lookAgain) hall.lookAgain();
    },
  };
})();
