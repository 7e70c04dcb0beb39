/* Drones on the map: place, heading, and what the camera sees of the ground, in step with the
   picture wherever that is shown here; else as last heard, with its age. */
(function () {
  "use strict";
  const hall = window.dash_clientside.hall;
  const L = window.L;
  if (!L) return;
  const KEPT_MS = 5000; // reports that wait for their picture
  const OWN_MS = 2500; // as long a picture's own report goes before what the server pushes
  const drawn = new Map();
  const waiting = new Map();
  const inStep = new Map();
  let group = null;
  let rows = [];

  /* A report belongs to the picture that was received with it: it waits until that one is drawn. */
  hall.on("drone:said", ({ feed, said, at, stream }) => {
    if (!waiting.has(feed)) waiting.set(feed, []);
    const queue = waiting.get(feed);
    queue.push({ said, at });
    while (queue.length && at - queue[0].at > KEPT_MS) queue.shift();
    follow(feed, stream);
  });

  function follow(feed, stream) {
    if (stream.followed || !stream.video.requestVideoFrameCallback) return;
    stream.followed = true;
    const each = (now, frame) => {
      if (!stream.session) {
        stream.followed = false;
        return;
      }
      shown(feed, frame.receiveTime === undefined ? now : frame.receiveTime);
      stream.video.requestVideoFrameCallback(each);
    };
    stream.video.requestVideoFrameCallback(each);
  }

  function shown(feed, receivedAt) {
    const queue = waiting.get(feed) || [];
    let last = null;
    while (queue.length && queue[0].at <= receivedAt + SLACK_MS) last = queue.shift();
    if (!last) return;
    inStep.set(feed, { said: last.said, at: performance.now() });
    hall.tell("drone:shown", { feed, said: last.said });
    paintOne(rows.find((row) => row.feed === feed) || { id: feed.slice(6), feed, name: feed.slice(6), state: "live" });
  }
  const SLACK_MS = 15; // the report goes right behind its picture

  function facts(row) {
    const own = inStep.get(row.feed);
    return own && performance.now() - own.at < OWN_MS ? { ...row, ...own.said, battery: own.said.battery ?? row.battery, own: true } : row;
  }

  function label(one) {
    const parts = [one.name];
    if (Number.isFinite(one.alt)) parts.push(hall.t("drone.alt", { n: Math.round(one.alt) }));
    parts.push(Number.isFinite(one.battery) ? hall.t("drone.battery", { n: Math.round(one.battery) }) : hall.t("drone.no_battery"));
    if (Number.isFinite(one.link)) parts.push(hall.t("drone.link", { n: Math.round(one.link) }));
    const age = hall.now() - (one.own ? hall.now() : one.received || one.at || 0);
    if (one.state === "dead" && !one.own) parts.push(hall.t("drone.silent", { age: hall.roughText(age) }));
    return parts.join(" · ");
  }

  function sign() {
    const box = document.createElement("div");
    box.className = "drone";
    const arrow = document.createElement("i");
    const words = document.createElement("span");
    words.className = "tx";
    box.append(arrow, words);
    return box;
  }

  function make(row, one) {
    const html = sign();
    const icon = L.divIcon({ className: "mapmark", html, iconSize: null });
    const mark = L.marker([one.lat, one.lon], { icon, interactive: false, keyboard: false, zIndexOffset: 3000 });
    const style = { color: hall.token("--act"), weight: 2 * Math.max(1, hall.mapScale() * 0.6), fillOpacity: 0.1, interactive: false };
    const known = { mark, html, seen: L.polygon([], style), line: L.polyline([], { ...style, dashArray: "3 5" }) };
    for (const part of [known.seen, known.line, mark]) group.addLayer(part);
    drawn.set(row.feed, known);
    return known;
  }

  function paintOne(row) {
    const one = facts(row);
    if (!group || !Number.isFinite(one.lat) || !Number.isFinite(one.lon)) return;
    const known = drawn.get(row.feed) || make(row, one);
    known.mark.setLatLng([one.lat, one.lon]);
    known.seen.setLatLngs(one.corners || []);
    known.line.setLatLngs(one.centre ? [[one.lat, one.lon], one.centre] : []);
    known.html.dataset.state = one.own ? "live" : one.state;
    known.html.style.setProperty("--turn", `${one.heading || 0}deg`);
    const words = label(one);
    if (known.html.lastChild.textContent !== words) known.html.lastChild.textContent = words;
    known.said = one;
  }

  function paint() {
    if (!group) return;
    const wanted = new Set(rows.map((row) => row.feed));
    for (const [feed, known] of drawn) {
      if (wanted.has(feed) || (inStep.has(feed) && performance.now() - inStep.get(feed).at < OWN_MS)) continue;
      for (const part of [known.seen, known.line, known.mark]) group.removeLayer(part);
      drawn.delete(feed);
    }
    rows.forEach(paintOne);
    settle();
  }

  /* The words stand beside the arrow where they lie on no incident, on no title and on no unit of it;
     units' names then keep out of their way. */
  const REACH = [1, 2.5, 4];
  const round = (r, w, h) => [[r, -r - h], [-r - w, -r - h], [r, r], [-r - w, r], [-w / 2, -1.6 * r - h], [-w / 2, 1.6 * r], [1.4 * r, -h / 2], [-1.4 * r - w, -h / 2]];
  const at = (lat, lon) => hall.leaflet.latLngToContainerPoint([lat, lon]);
  function settle() {
    if (!hall.leaflet || !drawn.size || !hall.markBoxes) return;
    const r = 14 * hall.mapScale();
    const taken = [...hall.mapNotes(), ...hall.markBoxes(true), ...units(r)];
    for (const known of drawn.values()) {
      const words = known.html.lastChild;
      const size = { w: words.offsetWidth, h: words.offsetHeight };
      const point = at(known.said.lat, known.said.lon);
      const places = REACH.flatMap((far) => round(far * r, size.w, size.h));
      const box = hall.signs.place(places, point, size, taken, hall.leaflet.getSize());
      known.words = { x: box.x - point.x, y: box.y - point.y, ...size };
      words.style.setProperty("--dx", `${Math.round(known.words.x)}px`);
      words.style.setProperty("--dy", `${Math.round(known.words.y)}px`);
      taken.push(box);
    }
  }
  function units(r) {
    const open = hall.incidentInSight ? hall.incidentInSight() : null;
    const found = open && hall.unitsOf ? hall.unitsOf(open).map((one) => at(one.lat, one.lon)) : [];
    return found.map(({ x, y }) => ({ x: x - r, y: y - r, w: 2 * r, h: 2 * r }));
  }
  /* Where the words stand now, in the map's pixels. */
  hall.droneBoxes = () =>
    [...drawn.values()]
      .filter((known) => known.words && known.html.isConnected)
      .map(({ said, words }) => {
        const { x, y } = at(said.lat, said.lon);
        return { ...words, x: x + words.x, y: y + words.y };
      });
  hall.on("chips", settle);

  hall.sinks["map-drones"] = {
    set(found) {
      rows = found;
      paint();
    },
  };
  hall.on("tick", paint);
  hall.layers.drones = {
    show(on) {
      if (on) hall.leaflet.addLayer(group);
      else hall.leaflet.removeLayer(group);
    },
    mount(event) {
      if (group) return;
      group = event.target;
      paint();
    },
  };
  hall.droneShown = (feed) => (drawn.get(feed) || {}).said || null;
})();
