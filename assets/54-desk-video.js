/* The desk's pictures: one large, the others small; a press makes a small one large. What is on the
   large one can be put on the wall: it is its own preview. */
(function () {
  "use strict";
  const hall = window.dash_clientside.hall;
  if (hall.screen !== "desk") return;
  const lists = [];
  const SMALL = 140; // pixels: below this a picture is only a hint

  class Desk {
    constructor(box) {
      this.box = box;
      this.tiles = new Map();
      this.rows = [];
      this.main = null;
      box.addEventListener("click", (event) => this.pressed(event));
      box.addEventListener("keydown", (event) => event.key === "Enter" && this.pressed(event));
    }

    set(rows) {
      this.rows = rows;
      const shown = rows.filter((row) => row.slot > 0);
      if (this.extra && !shown.some((row) => row.feed === this.extra.feed)) shown.unshift(this.extra);
      if (!shown.some((row) => row.feed === this.main)) this.main = shown.length ? shown[0].feed : null;
      for (const [feed, tile] of this.tiles) {
        if (shown.some((row) => row.feed === feed)) continue;
        tile.remove();
        this.tiles.delete(feed);
      }
      for (const row of shown) this.fill(row);
      this.arrange();
    }

    fill(row) {
      let tile = this.tiles.get(row.feed);
      if (!tile) {
        tile = new hall.Tile(() => {});
        tile.box.tabIndex = 0;
        this.tiles.set(row.feed, tile);
        this.box.append(tile.box);
      }
      tile.set({ ...row, watched: this.own(row), next: this.next(row) });
    }

    /* The leave of the person at this desk: each incident has its own. */
    own(row) {
      const me = hall.who && hall.who.id;
      return (row.leaves || []).filter((leave) => leave.by === me);
    }
    next(row) {
      return this.rows.find((one) => one.slot === 0 && one.feed !== row.feed) || null;
    }

    arrange() {
      const order = [...this.tiles.keys()];
      for (const [feed, tile] of this.tiles) {
        const large = feed === this.main;
        tile.box.style.order = large ? 0 : order.indexOf(feed) + 1;
        tile.box.dataset.large = large ? "1" : "0";
        tile.box.setAttribute("aria-label", tile.spec.name);
      }
      this.box.dataset.count = String(order.length);
    }

    pressed(event) {
      if (event.target.closest("button, input, form")) return;
      const box = event.target.closest(".cam");
      if (box) this.enlarge(box.dataset.feed);
    }

    enlarge(feed) {
      this.main = feed;
      this.arrange();
      const tile = this.tiles.get(feed);
      if (tile && tile.stream && tile.stream.path !== tile.spec.feed) {
        tile.end(); // small pictures come by the small stream
        tile.open();
      }
      hall.tell("camera:shown", feed);
    }

    /* A camera that a person chose himself: on the map, or as the next one. */
    show(row) {
      this.extra = { ...row, slot: 99 };
      this.main = row.feed;
      this.set(this.rows);
    }
  }

  /* It stands in no row of this list: what the map is told of its picture counts here too. */
  hall.on("cameras", (known) => {
    for (const desk of lists) {
      const now = desk.extra && known.find((one) => one.feed === desk.extra.feed);
      if (!now) continue;
      const { state, reason, since, playable, small } = now;
      Object.assign(desk.extra, { state, reason, since, playable, small });
      if (desk.tiles.has(desk.extra.feed)) desk.fill(desk.extra);
    }
  });

  hall.on("tile:next", ({ tile, next }) => {
    const desk = lists.find((one) => [...one.tiles.values()].includes(tile));
    if (desk) desk.show({ ...next, id: next.feed });
  });

  /* A camera of the map: the view with pictures comes up if they are not in sight. */
  hall.showCamera = (row) => {
    const [desk] = lists;
    if (!desk) return;
    if ((!desk.box.offsetParent || desk.box.clientHeight < SMALL) && hall.desk) hall.desk.view("video");
    desk.show({ ...row, incident: hall.incidentInSight() });
  };

  /* To the wall: the form opens at the large picture; the plan shows what stands where. */
  const form = () => document.getElementById("desk-cameras-push");
  function chosen() {
    const [desk] = lists;
    const tile = desk && desk.tiles.get(desk.main);
    return tile ? tile.spec : null;
  }
  function open() {
    const spec = chosen();
    if (!spec) return;
    if (!form().offsetParent && !document.getElementById("desk-cameras-tiles").offsetParent && hall.desk) hall.desk.view("video");
    form().dataset.on = "1";
    named();
    const first = form().querySelector("input[name=slot]:checked");
    if (first) first.focus();
  }
  function named() {
    const spec = chosen();
    for (const place of form().querySelectorAll("[data-eyes-name]")) place.textContent = spec ? hall.t("eyes.push_title", { name: spec.name }) : "";
  }
  const close = () => delete form().dataset.on;
  const picked = (name) => Number((form().querySelector(`input[name=${name}]:checked`) || {}).value);

  async function go(button) {
    const spec = chosen();
    if (!spec) return;
    const body = { feed: spec.feed, slot: picked("slot"), minutes: picked("minutes"), ...(spec.incident ? { incident: spec.incident } : {}) };
    button.dataset.state = "pending";
    const answer = await hall.send("wall.push", body);
    delete button.dataset.state;
    const place = document.querySelector("#panel-cameras [data-answer]");
    if (place) place.textContent = answer.ok ? hall.t("eyes.on_wall") : hall.reason(answer.body);
    if (answer.ok) close();
  }

  const VERBS = { push: open, close, go };
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-eyes]");
    if (button) VERBS[button.dataset.eyes](button);
  });
  document.addEventListener("keydown", (event) => {
    if (!form() || !form().dataset.on || !form().contains(document.activeElement)) return;
    if (event.key === "Escape") close();
    if (event.key === "Enter" && document.activeElement.matches("input")) go(form().querySelector("[data-eyes=go]"));
  });
  document.addEventListener("hall:painted", (event) => event.detail === "desk-cameras-push" && named());

  /* A photo from the scene stands over the tiles until it is put away. */
  function showSent(button) {
    const box = document.querySelector("#panel-cameras .tiles");
    const place = document.createElement("button");
    place.type = "button";
    place.className = "sentview";
    place.setAttribute("aria-label", hall.t("eyes.push_close"));
    const shown = document.createElement(button.dataset.video ? "video" : "img");
    shown.src = `/api/v1/uploads/${button.dataset.upload}`;
    if (button.dataset.video) shown.controls = true;
    else shown.alt = button.textContent;
    place.append(shown);
    place.addEventListener("click", (event) => event.target !== shown || !button.dataset.video ? (place.remove(), button.focus()) : undefined);
    place.addEventListener("keydown", (event) => event.key === "Escape" && (place.remove(), button.focus()));
    for (const old of box.querySelectorAll(".sentview")) old.remove();
    box.append(place);
    place.focus();
  }
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-upload]");
    if (button) showSent(button);
  });

  function adopt() {
    for (const box of document.querySelectorAll("[data-desk-video]:not([data-ready])")) {
      box.dataset.ready = "1";
      const desk = new Desk(box);
      lists.push(desk);
      hall.sinks[box.id] = desk;
      document.dispatchEvent(new CustomEvent("hall:sink", { detail: box.id }));
    }
  }
  Promise.all([hall.ready, hall.words]).then(() => {
    adopt();
    new MutationObserver(adopt).observe(document.getElementById("screen"), { childList: true, subtree: true });
  });
})();
