/* Searching on the desk: anything (Ctrl K), the place of a report, a recipient of an order. */
(function () {
  "use strict";
  const hall = window.dash_clientside.hall;
  const { desk } = hall;
  if (!desk) return;
  const MOST = 12;
  const WAIT_MS = 160; // one question a pause, not one a letter

  const fold = (text) => String(text).toLowerCase().replace(/\s+/g, "");
  const holds = (wanted) => (one) => fold(one.name + one.id + (one.more || "")).includes(wanted);

  /* Incidents of the picture wait here; the panel has no list of its own for them. */
  const known = [];
  hall.sinks = hall.sinks || {};
  hall.sinks["find-known"] = {
    set(rows) {
      known.splice(0, known.length, ...rows);
    },
  };
  document.dispatchEvent(new CustomEvent("hall:sink", { detail: "find-known" }));

  async function places(text, only = "") {
    const answer = await fetch(`/api/v1/places?q=${encodeURIComponent(text)}${only}`, { headers: { Accept: "application/json" } });
    if (!answer.ok) return [];
    const said = await answer.json();
    return said.places.map((one) => {
      const here = hall.lang === "en" ? one.name_en : one.name_zh;
      const kind = ["unit", "camera", "district"].includes(one.kind) ? one.kind : "place";
      return { id: `${kind}:${one.id}`, name: here || one.name_zh, more: hall.t(`find.kind_${kind}`), district: one.district, lat: one.lat, lon: one.lon };
    });
  }

  /* Units by name: those that can be ordered first, then the others with what keeps each. */
  const UNITS = "&kind=unit&most=50";
  async function units(text) {
    const found = (await places(text, UNITS)).map((one) => ({ ...one, id: one.id.slice("unit:".length) }));
    const known = found.map((one) => ({ ...one, taken: desk.taken(one.id, one.district) }));
    const free = known.filter((one) => !one.taken);
    return [...free, ...known.filter((one) => one.taken)].slice(0, MOST);
  }

  function alerts() {
    return desk.lines("queue-grid").map((row) => ({ id: `alert:${row.id}`, name: words(row.node), more: hall.t("find.kind_alert") }));
  }
  function words(node) {
    if (!Array.isArray(node)) return String(node);
    const parts = node.filter((child, n) => n > 0 && (Array.isArray(child) || typeof child === "string"));
    const title = node[0].startsWith("div.qr") ? parts.find((child) => Array.isArray(child) && child[0] === "div.tt") : null;
    return title ? words(title) : parts.map(words).join(" ");
  }

  /* Where each field's hits are shown, where they come from, and what choosing one does. */
  const FIELDS = {
    find: {
      box: () => document.getElementById("find-found"),
      async look(text) {
        const near = [...alerts(), ...known.map((one) => ({ ...one, more: hall.t("find.kind_incident") }))].filter(holds(fold(text)));
        return [...near, ...(await places(text))].slice(0, MOST);
      },
      take: open,
    },
    place: {
      box: () => document.querySelector("#report-body [data-places]"),
      look: places,
      take: (hit) => desk.setPoint(hit.lat, hit.lon, hit.name, true),
    },
    to: {
      box: (field) => hitsUnder(field),
      look: units,
      take(hit, field) {
        desk.addRecipient(hit.id, hit.name, hit.district);
        field.value = "";
      },
    },
  };

  function hitsUnder(field) {
    const label = field.closest("label");
    let box = label.querySelector(".hits");
    if (!box) {
      box = document.createElement("span");
      box.className = "hits";
      label.append(box);
    }
    const { left, top } = field.getBoundingClientRect();
    Object.assign(box.style, { left: `${left}px`, bottom: `${window.innerHeight - top + 4}px` }); // above: the panel is low
    return box;
  }

  function open(hit) {
    const [kind, ...rest] = hit.id.split(":");
    desk.aside(null);
    if (kind === "alert" || kind === "incident") desk.choose(kind, rest.join(":"));
    else desk.showPoint(hit.lat, hit.lon, hit.name, true);
  }

  function shown(field, hits) {
    const { box } = FIELDS[field.name];
    const list = box(field);
    list.replaceChildren(...hits.map((hit, n) => line(field, hit, n === 0)));
    if (!hits.length && field.value.trim()) list.textContent = hall.t(field.name === "place" ? "report.no_place" : "find.none");
  }
  function line(field, hit, first) {
    const button = document.createElement("button");
    const more = document.createElement("small");
    more.textContent = hit.taken ? hit.taken.why : hit.more || "";
    button.type = "button";
    if (hit.taken) [button.dataset.taken, button.title] = ["1", hit.taken.words];
    button.append(hit.name, more);
    if (first) button.dataset.chosen = "1";
    button.addEventListener("mousedown", (event) => {
      event.preventDefault();
      take(field, hit);
    });
    button.hit = hit;
    return button;
  }
  function take(field, hit) {
    const { box, take: then } = FIELDS[field.name];
    then(hit, field);
    box(field).replaceChildren();
  }

  const buttons = (field) => desk.all("button", FIELDS[field.name].box(field));
  desk.move = (field, by) => {
    const found = buttons(field);
    const at = found.findIndex((one) => one.dataset.chosen);
    const to = found[Math.min(found.length - 1, Math.max(0, at + by))];
    for (const one of found) desk.mark(one, "chosen", one === to);
    if (to) to.scrollIntoView({ block: "nearest" });
  };
  desk.pick = (field) => {
    const chosen = buttons(field).find((one) => one.dataset.chosen);
    if (chosen) take(field, chosen.hit);
  };

  let timer = null;
  let asked = 0;
  document.addEventListener("input", (event) => {
    const field = event.target;
    if (!field.matches("[data-find], [data-placefind], [data-unitfind]")) return;
    clearTimeout(timer);
    timer = setTimeout(() => look(field), WAIT_MS);
  });
  /* The recipients' hits lie over the map: they go when their field is left. */
  document.addEventListener("focusout", ({ target }) => {
    if (!target.matches("[data-unitfind]")) return;
    clearTimeout(timer);
    asked += 1;
    FIELDS[target.name].box(target).replaceChildren();
  });
  async function look(field) {
    const mine = ++asked;
    const text = field.value.trim();
    const hits = text ? await FIELDS[field.name].look(text) : [];
    if (mine === asked) shown(field, hits);
  }
})();
