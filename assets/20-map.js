/* The map itself: basemap, districts, what it shows and how a person moves it. */
(function () {
  "use strict";
  const hall = window.dash_clientside.hall;
  const L = window.L;
  if (!L) return;
  const layers = (hall.layers = hall.layers || {});
  const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const rem = () => parseFloat(getComputedStyle(document.documentElement).fontSize);
  hall.token = token;
  /* How many CSS pixels a desk pixel is here: a wall is read from ten metres. */
  hall.mapScale = () => (hall.screen === "wall" ? rem() / 4.2 : 1);

  let map = null;
  let home = null;
  let following = true;
  const waiting = [];
  hall.withMap = (then) => (map ? then(map) : waiting.push(then));

  function begin(made) {
    if (map) return;
    map = made;
    hall.leaflet = made;
    map.on("click", (event) => hall.tell("map:click", { lat: event.latlng.lat, lon: event.latlng.lng }));
    map.on("dragstart", () => (following = false));
    const box = map.getContainer();
    box.addEventListener("pointerleave", () => late && refit());
    new ResizeObserver(() => {
      map.invalidateSize({ animate: false });
      if (following) refit();
    }).observe(box);
    for (const then of waiting.splice(0)) then(map);
  }
  L.Map.addInitHook(function () {
    setTimeout(() => begin(this), 0);
  });

  /* Basemap: our own rules over the Protomaps layers, coloured by the tokens. */
  function paintRules(p) {
    const fill = (layer, color, filter) => ({ dataLayer: layer, filter, symbolizer: new p.PolygonSymbolizer({ fill: token(color) }) });
    const line = (layer, color, width, filter, more) => ({ dataLayer: layer, filter, symbolizer: new p.LineSymbolizer({ color: token(color), width, ...more }) });
    const kind = (...kinds) => (zoom, feature) => kinds.includes(feature.props.kind);
    const detail = (...kinds) => (zoom, feature) => kinds.includes(feature.props.kind_detail);
    const grow = (low, high) => (zoom) => Math.max(0.4, low + ((high - low) * (zoom - 9)) / 7) * Math.max(1, hall.mapScale() * 0.8);
    return [
      fill("earth", "--m-land"),
      fill("landuse", "--m-blk", kind("residential", "industrial")),
      fill("landuse", "--m-land2", kind("park", "wood", "grass", "forest")),
      fill("water", "--m-sea", kind("ocean", "sea")),
      fill("water", "--m-river", (zoom, feature) => feature.geomType === 3 && !["ocean", "sea"].includes(feature.props.kind)),
      line("water", "--m-river", grow(1, 4), kind("river", "stream", "canal")),
      line("roads", "--m-road", grow(0.3, 2), kind("minor_road", "path", "other")),
      line("roads", "--m-road", grow(0.6, 4), kind("major_road", "medium_road")),
      line("roads", "--m-road2", grow(1.2, 6), kind("highway")),
      fill("buildings", "--m-road", () => true),
      line("boundaries", "--m-edge", grow(0.8, 1.4), detail("6", "county"), { dash: [4, 3] }),
    ];
  }

  function labelRules(p) {
    /* Chinese first, as it stands on the signs; English after it. */
    const name = (zoom, { props }) => {
      const en = props["name:en"];
      props.both = hall.lang === "en" && en && en !== props.name ? `${props.name} ${en}` : props.name;
      return ["both"];
    };
    const size = (px) => `${Math.round(px * hall.mapScale())}px`;
    const text = (layer, px, weight, filter, minzoom) => ({
      dataLayer: layer,
      minzoom,
      filter,
      symbolizer: new p.CenteredTextSymbolizer({
        labelProps: name,
        fill: token("--m-lab"),
        stroke: token("--m-halo"),
        width: 2,
        font: `${weight} ${size(px)} ${token("--cjk")}`,
      }),
    });
    const kind = (...kinds) => (zoom, feature) => kinds.includes(feature.props.kind);
    return [
      text("places", 13, 600, (zoom, feature) => feature.props.kind_detail === "town", 11),
      text("places", 12, 400, kind("neighbourhood"), 13),
      text("pois", 11, 400, () => true, 15),
    ];
  }

  layers.base = {
    mount(event) {
      const p = window.protomapsL;
      const base = p.leafletLayer({
        url: `${location.origin}/basemap/city.pmtiles`,
        paintRules: paintRules(p),
        labelRules: labelRules(p),
        backgroundColor: token("--m-out"),
        maxDataZoom: 15,
        noWrap: true,
      });
      event.target.addLayer(base);
      hall.basemap = base;
    },
  };

  /* Districts: outlines, names; the own ones are drawn stronger. */
  const mine = (code) => {
    const scope = (hall.who && hall.who.scope) || [];
    return scope.includes("city") ? false : scope.includes(code);
  };
  const edge = (feature) => {
    const own = mine(feature.properties.code);
    const color = token(own ? "--sel" : "--m-edge");
    return { color, weight: (own ? 3 : 1.5) * Math.max(1, hall.mapScale() * 0.7), dashArray: own ? null : "6 5", fill: false, interactive: false };
  };

  function districtName(feature) {
    const box = document.createElement("div");
    box.className = "districtname";
    const { name_zh: zh, name_en: en } = feature.properties;
    box.textContent = zh;
    if (hall.lang === "en" && en) {
      const small = document.createElement("small");
      small.textContent = en;
      box.append(small);
    }
    return box;
  }

  /* Where the districts' names stand in the map, in its pixels: what is drawn keeps out of their way. */
  const named = [];
  hall.nameBoxes = () =>
    named.map((one) => {
      if (!one.w) [one.w, one.h] = [one.box.offsetWidth, one.box.offsetHeight];
      const { x, y } = map.latLngToContainerPoint(one.at);
      return { x: x + one.dx - one.w / 2, y: y + one.dy - one.h / 2, w: one.w, h: one.h };
    });

  /* Names that would lie on one another part, each by half of what they share, up and down. */
  function part() {
    for (const one of named) one.dx = one.dy = 0;
    for (let turn = 0; turn < 4; turn += 1) {
      const boxes = hall.nameBoxes();
      boxes.forEach((a, i) => boxes.slice(i + 1).forEach((b, k) => share(a, b, named[i], named[i + 1 + k])));
    }
    for (const { box, dx, dy } of named) box.style.translate = `${dx}px ${dy}px`;
  }

  function share(a, b, one, other) {
    const wide = Math.min(a.x + a.w, b.x + b.w) - Math.max(a.x, b.x);
    const high = Math.min(a.y + a.h, b.y + b.h) - Math.max(a.y, b.y);
    if (wide <= 0 || high <= 0) return;
    const down = a.y <= b.y ? 1 : -1;
    one.dy -= (down * (high + 1)) / 2;
    other.dy += (down * (high + 1)) / 2;
  }

  /* What the map is about: the districts of who looks, by name; nothing for the whole city. */
  hall.scopeWords = () => {
    const own = areas.filter((one) => mine(one.properties.code)).map((one) => one.properties);
    return own.map((one) => (hall.lang === "en" && one.name_en) || one.name_zh).join(hall.t("harm.between"));
  };

  /* Looks at these districts until something is chosen or moved. */
  let areas = [];
  hall.lookAt = (codes) => {
    const wanted = areas.filter((one) => codes.includes(one.properties.code));
    if (!map || !wanted.length) return;
    following = false;
    map.fitBounds(L.geoJSON({ type: "FeatureCollection", features: wanted }).getBounds(), { animate: false });
  };

  function showDistricts(group, found) {
    areas = found.features;
    const outlines = L.geoJSON(found, { style: edge, interactive: false });
    group.addLayer(outlines);
    outlines.eachLayer((layer) => {
      const box = districtName(layer.feature);
      const icon = L.divIcon({ className: "mapmark", html: box, iconSize: null });
      const { lat, lon } = layer.feature.properties;
      named.push({ box, at: [lat, lon], dx: 0, dy: 0 });
      group.addLayer(L.marker([lat, lon], { icon, interactive: false, keyboard: false, zIndexOffset: -1000 }));
    });
    const own = found.features.filter((feature) => mine(feature.properties.code));
    home = L.geoJSON(own.length ? { type: "FeatureCollection", features: own } : found).getBounds();
    hall.on("live", () => outlines.setStyle(edge));
    map.on("zoomend resize", part);
    part();
    if (following) refit();
  }

  layers.districts = {
    show(on) {
      const { group } = layers.districts;
      if (on) map.addLayer(group);
      else map.removeLayer(group);
    },
    async mount(event) {
      const group = event.target;
      if (layers.districts.group) return;
      layers.districts.group = group;
      await new Promise((then) => (hall.who ? then() : hall.on("live", then)));
      const answer = await fetch("/city/districts.geojson", { credentials: "same-origin" });
      if (answer.ok) showDistricts(group, await answer.json());
    },
  };

  /* Where the map looks: the city, or what is being handled with its units. It moves when `name`
     changes, never while a pointer is on it: then as soon as the pointer has left. */
  let focus = null;
  let points = [];
  let late = false;
  hall.fit = (name, found = [], again = false) => {
    if (name === focus && !again) return;
    focus = name;
    points = found;
    following = true;
    refit();
  };
  function refit() {
    if (!map || !map.getSize().x) return;
    late = hall.screen !== "wall" && map.getContainer().matches(":hover");
    if (late) return;
    look();
  }
  /* How wide the buttons are; that of the sound is wide only until the first key. */
  function tools() {
    const buttons = map.getContainer().closest(".map").querySelectorAll(".maptools > :not([data-mute])");
    return Math.max(0, ...[...buttons].map((one) => one.offsetWidth));
  }
  /* The whole area as large as it goes, and moved from under the buttons as far as there is room. */
  function aside(side, right, options) {
    map.fitBounds(home, options);
    const [west, east] = [home.getSouthWest(), home.getNorthEast()].map((one) => map.latLngToContainerPoint(one).x);
    const under = east - (map.getSize().x - right - side);
    const by = Math.min(Math.max(0, under), Math.max(0, west - side));
    if (by >= 1) map.panBy([Math.round(by), 0], { animate: false });
  }
  function look() {
    const side = 16 * hall.mapScale();
    const right = Math.max(side, tools()); // what lies under a button cannot be seen
    const options = { paddingTopLeft: [side, side * 3], paddingBottomRight: [right + side * 2, side * 3], animate: false };
    if (focus && points.length) map.fitBounds(L.latLngBounds(points).pad(0.06), { ...options, maxZoom: 15 });
    else if (home) aside(side, right, { ...options, paddingBottomRight: [side, side * 1.4] });
  }

  const TOOLS = {
    "zoom-in": () => map.zoomIn(1),
    "zoom-out": () => map.zoomOut(1),
    follow: () => hall.follow(),
    whole: () => {
      hall.follow(null);
      focus = null;
      following = true;
      look();
    },
  };
  document.addEventListener("click", (event) => {
    const tool = event.target.closest("[data-map]");
    if (tool && map) TOOLS[tool.dataset.map]();
  });
  /* A layer's switch was turned (callbacks/map_layers.py). */
  hall.showLayer = (on, id) => layers[id].show(on);

  hall.words.then(() => hall.ready).then(async () => {
    const note = document.getElementById("map-datum");
    const answer = note && (await fetch("/city/map.json", { credentials: "same-origin" }).catch(() => null));
    if (!answer || !answer.ok) return;
    const { note: words, review_no: review } = await answer.json();
    note.textContent = [words[hall.lang] || words.zh, review].filter(Boolean).join(" · ");
  });
})();
