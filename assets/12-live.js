/* The line to the server: one socket, one sequence a room; a hole in it is asked for again. */
(function () {
  "use strict";
  const hall = window.dash_clientside.hall;
  const root = document.documentElement;
  const REPORT_MS = 2000;
  const AGAIN_MS = 1000;
  const JOIN_MS = 5000; // a process that does not let a screen in by then is left
  const SIGN_IN = 401;
  const TOO_MANY = "too_many";
  const rooms = new Map();
  const asked = new Map();
  const subjects = {};
  const awaited = new Set(); // rooms of this line that have shown nothing yet
  let whole = false; // whether every panel has shown what this line says
  let lived = null;
  let boot = null;
  let socket = null;
  let reported = 0;
  let told = 0;
  let sounds = "";
  let hole = null; // the number after which something was told and did not come

  const screenId = (() => {
    const kept = sessionStorage.getItem("screen_id") || hall.uuid();
    sessionStorage.setItem("screen_id", kept);
    return kept;
  })();

  function apply(message) {
    rooms.set(message.room, message.to_seq);
    asked.delete(message.room);
    hall.paintProps(message.props);
    mark(message.panel, "failed", message.error);
  }

  /* The panel says that it waits for another subject, or that the server could not paint it. */
  function mark(panel, name, on) {
    const element = document.getElementById(`panel-${panel}`);
    if (!element) return;
    if (on) element.dataset[name] = hall.t(`panel.${name}`);
    else delete element.dataset[name];
  }

  function snapshot(message) {
    if (!current(message)) return;
    apply(message);
    mark(message.panel, "loading", false);
    for (const [id, rows] of Object.entries(message.rows || {})) hall.setRows(id, rows);
    awaited.delete(message.room);
    if (!whole && boot && settled()) hall.beat(lived);
    hall.tell("snapshot", message);
  }

  /* What was on the screen before the line was lost stays old until all of it has come anew. */
  function settled() {
    for (const room of awaited) if (!current({ room, panel: room.split("|")[0] })) awaited.delete(room);
    whole = whole || awaited.size === 0;
    return whole;
  }

  function push(message) {
    if (!current(message)) return;
    if (rooms.get(message.room) !== message.from_seq) {
      if (!(rooms.get(message.room) >= message.to_seq)) resync(message.room);
      return;
    }
    apply(message);
    for (const [id, change] of Object.entries(message.rows || {})) hall.mergeRows(id, change);
    hall.tell("push", message);
  }

  /* Each thing that is told names the one before it; what is lost on the way is asked for. */
  function event(message) {
    if (message.after > told) missed();
    told = Math.max(told, message.seq);
    hall.tell("event", message);
  }

  /* All that one turn of the server has to say to this screen, in its order. */
  const HEARD = { push, event };
  function cycle(message) {
    for (const [name, data] of message.said) HEARD[name](data);
  }

  /* A message for a subject that is no longer open comes too late to be shown. */
  function current(message) {
    const subject = message.room.split("|")[4];
    const open = subjects[message.panel];
    return open === undefined || !subject || open === subject;
  }

  /* Until the server has told it again, the hole stays, be it over another line. */
  function missed() {
    hole = hole ?? told;
    socket.emit("missed", { since: hole }, (answer) => {
      if (answer && answer.ok) hole = null;
    });
  }

  function resync(room) {
    const now = performance.now();
    if (now - (asked.get(room) || -1e9) < 500) return;
    asked.set(room, now);
    socket.emit("resync", { room });
  }

  function join() {
    boot = null;
    whole = false;
    for (const held of [rooms, asked, awaited]) held.clear();
    const asks = { ...subjects };
    const me = { screen: hall.screen, screen_id: screenId, name: screenName(), lang: hall.lang, subject: asks, since: hole ?? told };
    const line = socket.id;
    socket.timeout(JOIN_MS).emit("join", me, (late, answer) => {
      if (late || !answer || !answer.ok) return line === socket.id && setTimeout(anew, patience());
      boot = answer.boot;
      sounds = answer.sounds;
      hole = null; // what it asked for comes with the pictures
      told = told || answer.head;
      hall.setNow(answer.now);
      hall.who = answer.who;
      lived = answer;
      for (const room of answer.rooms) if (!rooms.has(room)) awaited.add(room);
      if (settled()) hall.beat(answer);
      root.dataset.live = "1";
      for (const [panel, subject] of Object.entries(subjects)) if (asks[panel] !== subject) open(panel, subject);
      hall.tell("live", answer);
      return report();
    });
  }

  /* Never for all screens alike: a server that is late is not asked in step. */
  const patience = () => AGAIN_MS * (0.3 + 0.7 * Math.random());

  function anew() {
    if (boot) return;
    socket.disconnect();
    socket.connect();
  }

  const screenName = () => new URLSearchParams(location.search).get("name") || "";

  /* Until the server has let the screen in, that it lives makes no old picture new. */
  function beat(message) {
    hall.setNow(message.now);
    if (!boot) return undefined;
    lived = message;
    if (settled()) hall.beat(message);
    if (message.boot !== boot) return join();
    awaited.forEach(resync);
    if (hole !== null || (message.told || {})[sounds] > told) missed();
    for (const [room, seq] of Object.entries(message.rooms || {})) if (rooms.get(room) < seq) resync(room);
    return undefined;
  }

  function report() {
    if (!socket || !socket.connected || !boot) return;
    reported = performance.now();
    const state = {
      screen_id: screenId,
      epoch: hall.epoch,
      mode: root.dataset.mode || "PEACETIME",
      visible: !document.hidden,
      rooms: Object.fromEntries(rooms),
    };
    socket.emit("report", state, (answer) => {
      if (!answer) return;
      for (const room of answer.stale || []) resync(room);
    });
  }

  /* A snapshot that could not be taken is asked for again with every beat. */
  function open(panel, subject) {
    socket.emit("open", { panel, subject }, (answer) => {
      if (!boot || subjects[panel] !== subject || !answer) return;
      if (answer.room && !rooms.has(answer.room)) awaited.add(answer.room);
      if (answer.code === TOO_MANY) setTimeout(() => boot && subjects[panel] === subject && open(panel, subject), AGAIN_MS);
    });
  }

  /* Shows another thing in a panel: its room is left, the new one sends its snapshot. */
  hall.open = (panel, subject) => {
    if (subjects[panel] === subject) return;
    const old = subjects[panel];
    subjects[panel] = subject;
    for (const room of [...rooms.keys()]) {
      const [name, , , , about] = room.split("|");
      if (name === panel && about === (old || "")) rooms.delete(room);
    }
    mark(panel, "loading", true);
    if (socket && socket.connected && boot) open(panel, subject);
  };
  hall.opened = (panel) => subjects[panel] || "";

  /* The desk asks a screen that lags to take everything anew and to say what it shows. */
  hall.on("event", ({ type, subject }) => {
    if (type !== "ScreenPushed" || subject !== screenId) return;
    asked.clear();
    for (const room of rooms.keys()) resync(room);
    report();
  });

  /* Panels say in data-follows which kind of chosen thing they show. */
  hall.on("select", ({ kind, id }) => {
    for (const panel of document.querySelectorAll(`[data-follows~="${kind}"]`)) hall.open(panel.dataset.panel, id || "");
  });

  function wake() {
    if (!socket) return;
    if (!socket.connected) socket.connect();
    else report();
  }

  /* A line that is refused is tried again here; without a session that is of no use. */
  async function refused() {
    if (!socket.active) setTimeout(() => socket.connect(), AGAIN_MS);
    const answer = await fetch("/city/map.json", { method: "HEAD", credentials: "same-origin" }).catch(() => null);
    if (answer && answer.status === SIGN_IN) hall.tell("bye", { reason: "sign_in" });
  }

  function connect() {
    socket = window.io({
      transports: ["websocket"],
      reconnectionDelay: 300,
      reconnectionDelayMax: 1000,
      randomizationFactor: 0.5,
      timeout: 4000,
    });
    socket.on("connect", join);
    socket.on("snapshot", snapshot);
    socket.on("cycle", cycle);
    socket.on("hb", beat);
    socket.on("event", event);
    socket.on("positions", (frame) => hall.tell("positions", frame));
    socket.on("bye", (message) => hall.tell("bye", message));
    socket.on("disconnect", (reason) => {
      boot = null;
      hall.tell("lost", reason);
      if (reason === "io server disconnect") setTimeout(() => socket.connect(), AGAIN_MS);
    });
    socket.on("connect_error", refused);
    hall.on("pulse", () => performance.now() - reported >= REPORT_MS && report());
    hall.on("epoch", report);
    hall.on("bye", () => location.assign("/in"));
    document.addEventListener("visibilitychange", () => document.hidden || wake());
    window.addEventListener("pageshow", wake);
    window.addEventListener("online", wake);
  }

  hall.screenId = screenId;
  Promise.all([hall.ready, hall.words]).then(connect);
})();
