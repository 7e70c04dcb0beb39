/* A thousand units on one canvas, drawn when a frame of positions comes (once a second). */
(function () {
  "use strict";
  const hall = window.dash_clientside.hall;
  const L = window.L;
  if (!L) return;
  const HEAD = 4;
  const SIZE = 15;
  const MOVING_MS = 60000;
  const PARKED_MS = 600000;
  const NEVER = 0xffffffff;
  const STATUS = ["AVAILABLE", "ASSIGNED", "EN_ROUTE", "ON_SCENE", "OFF_DUTY", "OUT_OF_SERVICE"];
  const FRAME = { POL: "shield", MED: "round", EMT: "arch", UTL: "arch", UAV: "leaf", ENV: "dashed", GRD: "dashed" };
  let table = [];
  let places = new Map();
  let busy = new Map();
  let layer = null;
  let painted = 0;

  fetch("/api/v1/units/table", { credentials: "same-origin" })
    .then((answer) => (answer.ok ? answer.json() : { units: [] }))
    .then(({ units }) => {
      table = units;
      hall.unitCount = units.length;
    })
    .catch(() => {});

  /* u32 count, then u16 index, f32 lat, f32 lon, u32 age in ms, u8 status; little endian. */
  function read(frame) {
    const view = frame instanceof ArrayBuffer ? new DataView(frame) : new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
    const count = view.getUint32(0, true);
    const now = hall.now();
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

  function lost(place, now) {
    const limit = place.status === "EN_ROUTE" ? MOVING_MS : PARKED_MS;
    return now - place.at > limit;
  }

  hall.unitsOf = (incident) =>
    [...busy.values()].filter((row) => row.incident === incident && places.has(row.id)).map((row) => [places.get(row.id).lat, places.get(row.id).lon]);

  /* Frames: the service by its outline, the state by its fill. */
  function outline(ctx, shape, x, y, r) {
    ctx.beginPath();
    if (shape === "round") ctx.arc(x, y, r, 0, Math.PI * 2);
    else if (shape === "shield") {
      ctx.moveTo(x - r, y - r);
      ctx.lineTo(x + r, y - r);
      ctx.lineTo(x + r, y + r * 0.3);
      ctx.quadraticCurveTo(x + r * 0.8, y + r, x, y + r * 1.15);
      ctx.quadraticCurveTo(x - r * 0.8, y + r, x - r, y + r * 0.3);
      ctx.closePath();
    } else if (shape === "arch") {
      ctx.moveTo(x - r, y + r);
      ctx.lineTo(x - r, y);
      ctx.arc(x, y, r, Math.PI, 0);
      ctx.lineTo(x + r, y + r);
      ctx.closePath();
    } else if (shape === "leaf") {
      ctx.moveTo(x - r, y + r);
      ctx.lineTo(x - r, y);
      ctx.quadraticCurveTo(x - r, y - r, x, y - r);
      ctx.lineTo(x + r, y - r);
      ctx.lineTo(x + r, y);
      ctx.quadraticCurveTo(x + r, y + r, x, y + r);
      ctx.closePath();
    } else ctx.rect(x - r, y - r, 2 * r, 2 * r);
  }

  function colours() {
    return { ink: hall.token("--fg-0"), paper: hall.token("--m-halo"), data: hall.token("--data"), dim: hall.token("--fg-1"), back: hall.token("--bg-0"), font: hall.token("--cjk") };
  }

  function dot(ctx, place, point, c, scale) {
    ctx.fillStyle = c.data;
    ctx.fillRect(point.x - 1.5 * scale, point.y - 1.5 * scale, 3 * scale, 3 * scale);
  }

  function sign(ctx, place, point, c, scale, now) {
    const gone = lost(place, now);
    const held = busy.get(place.unit.id);
    const r = (held ? 11 : 7) * scale;
    const there = place.status === "ON_SCENE";
    const under = place.status === "EN_ROUTE" || place.status === "ASSIGNED" || there;
    ctx.lineWidth = 1.5 * scale;
    ctx.setLineDash(gone ? [1.5 * scale, 2.5 * scale] : under ? [] : [3 * scale, 2 * scale]);
    ctx.strokeStyle = gone ? c.dim : under ? c.ink : c.data;
    ctx.fillStyle = there && !gone ? c.ink : c.paper;
    outline(ctx, FRAME[place.unit.force_type], point.x, point.y, r);
    ctx.fill();
    ctx.stroke();
    ctx.setLineDash([]);
    ctx.fillStyle = there && !gone ? c.back : gone ? c.dim : under ? c.ink : c.data;
    ctx.font = `700 ${Math.round(r * 1.25)}px ${c.font}`;
    ctx.fillText(hall.t(`mark.${place.unit.force_type}`), point.x, point.y + r * 0.08);
    if (held) chip(ctx, place, point, r, c, scale, gone ? hall.roughText(now - place.at) : "");
  }

  function chip(ctx, place, point, r, c, scale, age) {
    const { name } = place.unit;
    const words = [hall.lang === "en" ? name.en || name.zh : name.zh, age && hall.t("map.lost", { age })].filter(Boolean).join(" · ");
    ctx.font = `600 ${Math.round(12 * scale)}px ${c.font}`;
    ctx.textAlign = "left";
    const width = ctx.measureText(words).width + 8 * scale;
    ctx.fillStyle = c.paper;
    ctx.fillRect(point.x + r + 3 * scale, point.y - 9 * scale, width, 18 * scale);
    ctx.fillStyle = c.ink;
    ctx.fillText(words, point.x + r + 7 * scale, point.y);
    ctx.textAlign = "center";
  }

  const Units = L.Layer.extend({
    onAdd(map) {
      this._map = map;
      this._canvas = L.DomUtil.create("canvas", "units", map.getPanes().overlayPane);
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
      if (!map || !map.getSize().x) return;
      const size = map.getSize();
      const ratio = window.devicePixelRatio || 1;
      const canvas = this._canvas;
      if (canvas.width !== size.x * ratio || canvas.height !== size.y * ratio) {
        canvas.width = size.x * ratio;
        canvas.height = size.y * ratio;
        canvas.style.width = `${size.x}px`;
        canvas.style.height = `${size.y}px`;
      }
      L.DomUtil.setPosition(canvas, map.containerPointToLayerPoint([0, 0]));
      canvas.style.visibility = "";
      const ctx = canvas.getContext("2d");
      ctx.setTransform(ratio, 0, 0, ratio, 0, 0);
      ctx.clearRect(0, 0, size.x, size.y);
      ctx.textAlign = "center";
      ctx.textBaseline = "middle";
      this.each(ctx, size);
      painted += 1;
    },
    each(ctx, size) {
      const now = hall.now();
      const c = colours();
      const scale = hall.mapScale();
      const near = this._map.getZoom() >= 13;
      const seen = [];
      for (const place of places.values()) {
        const point = this._map.latLngToContainerPoint([place.lat, place.lon]);
        if (point.x < -30 || point.y < -30 || point.x > size.x + 30 || point.y > size.y + 30) continue;
        if (busy.has(place.unit.id)) seen.push([place, point]);
        else if (near || place.status !== "AVAILABLE") sign(ctx, place, point, c, scale, now);
        else dot(ctx, place, point, c, scale);
      }
      for (const [place, point] of seen) sign(ctx, place, point, c, scale, now);
    },
  });

  hall.layers.units = {
    mount(event) {
      layer = new Units();
      event.target.addLayer(layer);
    },
    show(on) {
      if (layer) layer._canvas.style.display = on ? "" : "none";
    },
  };
  hall.unitsPainted = () => painted;

  hall.on("positions", (frame) => {
    read(frame);
    if (!document.hidden && layer) requestAnimationFrame(() => layer.draw());
  });
  hall.sinks["map-units"] = {
    set(rows) {
      busy = new Map(rows.filter((row) => row.current_order).map((row) => [row.id, row]));
      if (layer) layer.draw();
      if (hall.lookAgain) hall.lookAgain();
    },
  };
})();
