/* Puts what the server pushed on the page: props that differ, and rows merged by id. */
(function () {
  "use strict";
  const hall = window.dash_clientside.hall;
  const shown = new Map();
  const lists = new Map();
  const due = new Set();
  const root = document.documentElement;

  const byRank = (a, b) => (a.rank < b.rank ? -1 : a.rank > b.rank ? 1 : 0);

  /* Words where words stood: by way of Dash's store one such change takes longer than a whole list. */
  const words = (element, value) => typeof value === "string" && !element.childElementCount;

  function setProps(id, props) {
    if (id === "mode") return hall.setMode(props);
    const element = document.getElementById(id);
    if (!element) return undefined;
    const fresh = {};
    for (const [name, value] of Object.entries(props)) {
      const text = JSON.stringify(value);
      if (shown.get(`${id}|${name}`) === text) continue;
      shown.set(`${id}|${name}`, text);
      if (name === "children" && words(element, value)) element.textContent = value;
      else fresh[name] = value;
    }
    if (Object.keys(fresh).length) window.dash_clientside.set_props(id, fresh);
    return undefined;
  }

  function list(id) {
    if (!lists.has(id)) lists.set(id, new Map());
    return lists.get(id);
  }

  /* All rows of a list at once. */
  hall.setRows = (id, rows) => {
    const kept = list(id);
    kept.clear();
    for (const row of rows) kept.set(row.id, row);
    later(id);
  };

  /* What changed in a list: rows to set, ids to drop. */
  hall.mergeRows = (id, change) => {
    const kept = list(id);
    for (const gone of change.drop || []) kept.delete(gone);
    for (const row of change.set || []) kept.set(row.id, row);
    later(id);
  };
  hall.rows = (id) => [...list(id).values()].sort(byRank);

  /* A list is painted once a frame, however many changes came: as soon as its message has been read
     where the last frame was quiet, so that the words beside it and the list are one frame. A hidden
     page has no frames. */
  const FRAME_MS = 16;
  let paintedAt = 0;
  function later(id) {
    if (!due.size) {
      if (document.hidden || performance.now() - paintedAt > FRAME_MS) queueMicrotask(paint);
      else requestAnimationFrame(paint);
    }
    due.add(id);
  }

  function paint() {
    paintedAt = performance.now();
    const ids = [...due];
    due.clear();
    for (const id of ids) paintList(id);
  }

  function paintList(id) {
    if (hall.sinks[id]) hall.sinks[id].set(hall.rows(id));
    else if (!paintGrid(id)) return;
    hall.tell("rows", id);
  }

  /* A grid that nobody can see waits until it is shown: measuring it costs more than all else. */
  const unseen = new Set();
  const inSight = new Map();
  function sighted(id, element) {
    if (!inSight.has(id)) inSight.set(id, Boolean(element.offsetParent));
    return inSight.get(id);
  }
  function paintGrid(id) {
    const element = document.getElementById(id);
    if (!element) return false;
    if (!sighted(id, element)) {
      unseen.add(id);
      return false;
    }
    unseen.delete(id);
    fill(id, hall.rows(id));
    return true;
  }

  /* Straight into the grid once it is there: by way of the page's props it takes ten times as long. */
  const filled = new Set();
  function fill(id, rows) {
    const api = filled.has(id) ? gridApi(id) : null;
    if (api) api.setGridOption("rowData", rows);
    else window.dash_clientside.set_props(id, { rowData: rows });
    filled.add(id);
  }
  function gridApi(id) {
    try {
      return window.dash_ag_grid.getApi(id);
    } catch (error) {
      return null;
    }
  }

  /* What is in sight follows the page's state, which stands on its root. */
  new MutationObserver(() => {
    inSight.clear();
    for (const id of unseen) later(id);
  }).observe(root, { attributes: true });

  document.addEventListener("hall:sink", (event) => {
    if (lists.has(event.detail)) later(event.detail);
  });

  hall.paintProps = (props) => {
    for (const [id, values] of Object.entries(props || {})) setProps(id, values);
  };

  /* The screen's mode; the style sheets re-compose the grid by these attributes. */
  hall.epoch = 0;
  let standing = {};
  hall.setMode = (change) => {
    standing = { ...standing, ...change };
    const { mode, level, epoch } = standing;
    const before = root.dataset.mode;
    root.dataset.mode = mode;
    if (level) root.dataset.lv = String(level);
    else delete root.dataset.lv;
    if (before && before !== mode) hall.tell("mode", { mode, before, level });
    drawn(() => {
      hall.epoch = epoch;
      hall.tell("epoch", hall.epoch);
      window.dispatchEvent(new Event("resize"));
    });
  };

  /* After the second frame what was set has been drawn; a hidden page draws nothing, but obeys. */
  function drawn(then) {
    if (document.hidden) setTimeout(then, 50);
    else requestAnimationFrame(() => requestAnimationFrame(then));
  }
})();
