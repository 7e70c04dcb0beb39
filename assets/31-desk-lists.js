/* Lists of the desk: which line is chosen, and which things come along with it. */
(function () {
  "use strict";
  const hall = window.dash_clientside.hall;
  const { desk } = hall;
  if (!desk) return;
  const { all, seen, mark, focusOn, aside } = desk;
  const root = document.documentElement;

  /* Arrows move the chosen id, never the focused row. */
  const api = (id) => (window.dash_ag_grid && document.getElementById(id) ? window.dash_ag_grid.getApi(id) : null);
  const KIND = { "queue-grid": "alert", "matrix-grid": "order" };
  function listInUse() {
    const held = document.activeElement && document.activeElement.closest("[data-list]");
    if (held && seen(held)) return held.dataset.list;
    return root.dataset.view === "dispatch" ? "matrix-grid" : "queue-grid";
  }
  function focusList(name) {
    const area = document.querySelector(`[data-list="${name}"]`);
    if (!seen(area)) return;
    const field = area.querySelector("input:not(:disabled)");
    (field || area).focus();
  }
  /* The lines in sight, from the top: our own list's or the grid's. */
  const QUEUE = "queue-grid";
  const queued = () => (hall.sinks[QUEUE] ? hall.sinks[QUEUE].rows : []);
  function lines(id) {
    const found = [];
    const grid = id === QUEUE ? null : api(id);
    if (grid) grid.forEachNodeAfterFilterAndSort((node) => found.push(node.data));
    const rows = id === QUEUE ? queued().filter((row) => !only || row.group === only) : found;
    return rows.filter((row) => !row.id.startsWith("group:"));
  }
  const lineOf = (id) => document.querySelector(`#${QUEUE} > [data-row="${CSS.escape(id)}"]`);
  desk.chosenAlert = () => queued().find((row) => row.id === hall.selection.alert) || null;
  function step(by) {
    const id = listInUse();
    if (id === "forces") return stepFocus(by);
    const rows = lines(id);
    if (!rows.length) return undefined;
    const at = rows.findIndex((row) => row.id === hall.selection[KIND[id]]);
    const to = at < 0 ? 0 : Math.min(rows.length - 1, Math.max(0, at + by));
    show(id, rows[to].id);
    return choose(KIND[id], rows[to].id);
  }
  function show(id, key) {
    if (id === QUEUE) lineOf(key).scrollIntoView({ block: "nearest" });
    else api(id).ensureNodeVisible(api(id).getRowNode(key));
  }
  function stepFocus(by) {
    const fields = all('[data-list="forces"] input:not(:disabled)');
    const at = fields.indexOf(document.activeElement);
    focusOn(fields[Math.min(fields.length - 1, Math.max(0, at + by))]);
  }

  function choose(kind, id) {
    if (hall.select) hall.select(kind, id);
  }
  Object.assign(desk, { choose, takeIncident, api, lines });

  /* Who follows whom: an alert brings its incident; an incident chosen alone opens the detail. */
  function followed({ kind, id }) {
    if (kind === "alert") {
      const known = queued().find((row) => row.id === id);
      if (known && known.incident && hall.selection.incident !== known.incident) takeIncident(known.incident);
      if (root.dataset.aside && root.dataset.aside !== "report") aside(null);
    }
    if (kind === "incident" && !followedFrom && id) {
      hall.open("detail", id);
      hall.open("log", id);
    }
    if (kind === "incident") desk.hold();
    followedFrom = null;
    paintChosen();
  }
  let followedFrom = null;

  /* An incident comes along with the alert in hand, whose detail stays. */
  function takeIncident(id) {
    followedFrom = hall.selection.alert || null;
    choose("incident", id);
    followedFrom = null;
  }

  function paintChosen() {
    paintChosenOrder();
    paintChosenAlert();
    for (const tile of all(".sw[data-select]")) mark(tile, "chosen", tile.dataset.select === `incident:${hall.selection.incident}`);
    for (const label of all("[data-selected]")) {
      const id = hall.selection[label.dataset.selected];
      label.textContent = id ? hall.t("desk.chosen", { id }) : hall.t("desk.nothing_chosen");
    }
  }

  function paintChosenAlert() {
    const chosen = hall.selection.alert && lineOf(hall.selection.alert);
    for (const line of all(`#${QUEUE} > [data-chosen]`)) if (line !== chosen) mark(line, "chosen", false);
    if (chosen) mark(chosen, "chosen", true);
  }
  function paintChosenOrder() {
    const grid = api("matrix-grid");
    const node = grid && hall.selection.order && grid.getRowNode(hall.selection.order);
    if (node) node.setSelected(true, true);
    else if (grid) grid.deselectAll();
  }

  /* The first open incident is taken up where none is chosen, so that the forces are never empty. */
  function takeUp() {
    if (hall.selection.incident) return;
    const first = document.querySelector("#switcher-list .sw");
    if (first) takeIncident(first.dataset.select.split(":")[1]);
  }

  /* Which group of the queue is in sight */
  let only = null;
  function filter(group) {
    only = group;
    const list = document.getElementById(QUEUE);
    if (only) list.dataset.only = only;
    else delete list.dataset.only;
    paintChips();
  }
  function paintChips() {
    for (const chip of all("[data-filter]")) mark(chip, "on", chip.dataset.filter === only);
  }

  /* In which order the queue stands: by its ranks, or by another of the keys that its rows have. */
  const ORDERS = ["level", "due", "new"];
  let order = ORDERS[0];
  const place = (row) => (row.by && row.by[order]) || row.rank;
  const byPlace = (a, b) => (place(a) < place(b) ? -1 : place(a) > place(b) ? 1 : 0);
  function sort() {
    order = ORDERS[(ORDERS.indexOf(order) + 1) % ORDERS.length];
    const sink = hall.sinks[QUEUE];
    sink.order = byPlace;
    sink.set(sink.rows);
    document.getElementById("panel-queue").dataset.order = order;
    if (hall.selection.alert && lineOf(hall.selection.alert)) show(QUEUE, hall.selection.alert);
  }

  desk.verbs.sort = sort;
  desk.verbs.focus = (area) => focusList(area.dataset.list);
  desk.verbs.filter = (button) => filter(button.dataset.on ? null : button.dataset.filter);
  desk.step = step;

  const PAINTED = {
    "queue-counts": paintChips,
    [QUEUE]: paintChosenAlert,
    "switcher-list": () => (takeUp(), paintChosen()),
    "matrix-foot": paintChosen,
  };
  document.addEventListener("hall:painted", (event) => {
    const then = PAINTED[event.detail];
    if (then) then();
  });
  hall.on("select", followed);
  hall.ready.then(paintChosen);
})();
