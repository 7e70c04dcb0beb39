/* The desk's hands: which work is in sight, what stands aside, which line of a list is chosen.
   A button with data-do names one of `hall.desk`'s verbs; commands go through data-act instead. */
(function () {
  "use strict";
  const clientside = (window.dash_clientside = window.dash_clientside || {});
  const hall = (clientside.hall = clientside.hall || {});
  const root = document.documentElement;
  if (root.dataset.screen !== "desk") return;
  const desk = (hall.desk = hall.desk || { verbs: {} });
  hall.selection = hall.selection || {};

  const all = (css, under = document) => [...under.querySelectorAll(css)];
  const seen = (element) => Boolean(element && element.offsetParent);
  const typing = (element) => Boolean(element && element.matches("textarea, select, input:not([type=checkbox]):not([type=radio])"));
  Object.assign(desk, { all, seen, typing });

  /* Views and what stands aside */
  function view(name) {
    root.dataset.view = name;
    aside(null);
    paintTabs();
    window.dispatchEvent(new Event("resize"));
  }
  function aside(name) {
    if (!name || name === "detail") delete root.dataset.aside;
    else root.dataset.aside = name;
    const first = name && document.querySelector(`#panel-${name} [data-focus]`);
    if (first && (name === "report" || name === "find")) first.focus();
    if (name === "activate") focusOn(document.querySelector("#panel-activate [name=activate_reason]"));
  }
  function focusOn(element) {
    if (element) element.focus();
  }
  function paintTabs() {
    const shown = root.dataset.view || "intake";
    for (const tab of all(".tab[data-view]")) mark(tab, "on", tab.dataset.view === shown);
  }
  function mark(element, name, on) {
    if (on) element.dataset[name] = "1";
    else delete element.dataset[name];
  }
  Object.assign(desk, { view, aside, mark, focusOn });

  const verbs = desk.verbs;
  verbs.view = (button) => view(button.dataset.view);
  verbs.side = (button) => aside(button.dataset.side);
  verbs.tab = (button) => page(button.closest("[data-panel]"), button.dataset.tab);
  verbs.focus = (area) => focusList(area.dataset.list);
  verbs.line = (button) => unfold(button.closest("[data-panel]"), button.dataset.for);
  verbs.filter = (button) => filter(button.dataset.on ? null : button.dataset.filter);
  verbs.confirm = () => {
    folded = !folded;
    if (!folded) folds.clear();
    paintConfirm();
  };
  verbs["fold-notice"] = (button) => foldNotice(button.closest("[data-notice]"), Number(button.dataset.minutes));

  function page(panel, name) {
    for (const tab of all("[data-tab]", panel)) mark(tab, "on", tab.dataset.tab === name);
    for (const one of all("[data-page]", panel)) mark(one, "on", one.dataset.page === name);
  }

  /* A field that a button asks for */
  function unfold(panel, name) {
    for (const line of all("[data-line]", panel)) mark(line, "on", line.dataset.line === name && !line.dataset.on);
    focusOn(panel.querySelector("[data-line][data-on] :is(input, select)"));
  }
  function fold(line) {
    delete line.dataset.on;
    for (const field of all("input", line)) field.value = field.defaultValue;
    if (line.contains(document.activeElement)) document.activeElement.blur();
  }
  Object.assign(desk, { fold, unfold });

  /* The confirmation is open by itself for those who may sign; the others unfold it. */
  let folded = false;
  const folds = new Set();
  function paintConfirm() {
    const body = document.getElementById("confirm-body");
    const waits = Boolean(body && body.childElementCount);
    const sign = document.querySelector('#confirm-acts [data-act="activation.sign"]');
    if (waits && !sign) return;
    const may = waits && !sign.disabled && !signedByMe(sign);
    if (!waits) {
      folded = false;
      folds.clear();
    } else if (!may && !folds.has("seen")) {
      folded = true;
      folds.add("seen");
    }
    mark(root, "confirm", waits && !folded);
  }

  /* Nobody signs twice: for the one who asked, the button says so. */
  function signedByMe(sign) {
    const mine = Boolean(hall.who) && sign.dataset.signed.split(" ").includes(hall.who.id);
    if (mine) {
      sign.disabled = true;
      sign.title = hall.t("confirm.yours");
    }
    return mine;
  }

  function foldNotice(notice, minutes) {
    notice.dataset.folded = "1";
    setTimeout(() => delete notice.dataset.folded, minutes * 60000);
  }

  /* Lists: arrows move the chosen id, never the focused row */
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
  function lines(id) {
    const found = [];
    const grid = api(id);
    if (grid) grid.forEachNodeAfterFilterAndSort((node) => node.data.id.startsWith("group:") || found.push(node));
    return found;
  }
  desk.chosenAlert = () => {
    const grid = api("queue-grid");
    const node = grid && hall.selection.alert && grid.getRowNode(hall.selection.alert);
    return node ? node.data : null;
  };
  function step(by) {
    const id = listInUse();
    if (id === "forces") return stepFocus(by);
    const nodes = lines(id);
    if (!nodes.length) return undefined;
    const at = nodes.findIndex((node) => node.data.id === hall.selection[KIND[id]]);
    const to = at < 0 ? 0 : Math.min(nodes.length - 1, Math.max(0, at + by));
    api(id).ensureNodeVisible(nodes[to]);
    return choose(KIND[id], nodes[to].data.id);
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
      const known = lines("queue-grid").find((node) => node.data.id === id);
      if (known && known.data.incident && hall.selection.incident !== known.data.incident) takeIncident(known.data.incident);
      if (root.dataset.aside && root.dataset.aside !== "report") aside(null);
    }
    if (kind === "incident" && !followedFrom && id) {
      hall.open("detail", id);
      hall.open("log", id);
    }
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
    for (const [id, kind] of Object.entries(KIND)) {
      const grid = api(id);
      const node = grid && hall.selection[kind] && grid.getRowNode(hall.selection[kind]);
      if (!grid) continue;
      if (node) node.setSelected(true, true);
      else grid.deselectAll();
    }
    for (const tile of all(".sw[data-select]")) mark(tile, "chosen", tile.dataset.select === `incident:${hall.selection.incident}`);
    for (const label of all("[data-selected]")) {
      const id = hall.selection[label.dataset.selected];
      label.textContent = id ? hall.t("desk.chosen", { id }) : hall.t("desk.nothing_chosen");
    }
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
    const grid = api("queue-grid");
    grid.setGridOption("isExternalFilterPresent", () => only !== null);
    grid.setGridOption("doesExternalFilterPass", (node) => node.data.group === only || node.data.id === `group:${only}`);
    grid.onFilterChanged();
    paintChips();
  }
  function paintChips() {
    for (const chip of all("[data-filter]")) mark(chip, "on", chip.dataset.filter === only);
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-do]");
    if (!button || button.disabled || (button.dataset.do === "focus" && event.isTrusted)) return;
    const verb = verbs[button.dataset.do];
    if (verb) verb(button, event);
  });

  const PAINTED = {
    "queue-counts": paintChips,
    "confirm-body": paintConfirm,
    "confirm-acts": paintConfirm,
    "switcher-list": () => (takeUp(), paintChosen()),
    "matrix-foot": paintChosen,
  };
  document.addEventListener("hall:painted", (event) => {
    const then = PAINTED[event.detail];
    if (then) then();
  });

  /* In wartime the desk opens on its forces; afterwards the person's own choice stays. */
  let mode = null;
  new MutationObserver(() => {
    const now = root.dataset.mode;
    if (now === mode) return;
    if (now === "WARTIME") view("dispatch");
    else if (mode === "WARTIME" && root.dataset.view === "dispatch") view("intake");
    mode = now;
  }).observe(root, { attributes: true, attributeFilter: ["data-mode"] });

  function start() {
    const asked = new URLSearchParams(location.search).get("view");
    mode = root.dataset.mode;
    view(["intake", "map", "dispatch", "standdown"].includes(asked) ? asked : mode === "WARTIME" ? "dispatch" : "intake");
    const steps = document.getElementById("panel-steps");
    if (steps) page(steps, "plan");
    paintChosen();
  }

  Object.assign(desk, { step });

  hall.on("select", followed);
  hall.ready.then(start);
})();
