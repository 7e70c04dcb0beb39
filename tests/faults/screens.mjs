// Real Socket.IO screens that apply what is pushed as the browser does, and say what they show.
// node screens.mjs '{"url","host","screens":[{"screen","id","cookie"}]}'; JSON lines on stdin/out.
import { createRequire } from "node:module";
import readline from "node:readline";

const { io } = createRequire(import.meta.url)("socket.io-client");
const plan = JSON.parse(process.argv[2]);
const say = (message) => process.stdout.write(JSON.stringify(message) + "\n");
const STALE_MS = 3000;
const OLD_MS = 30000;

class Screen {
  constructor(facts) {
    Object.assign(this, facts);
    this.rooms = new Map();
    this.asked = new Map();
    this.awaited = new Set(); // rooms that have shown nothing since the line was made
    this.boot = null;
    this.told = 0;
    this.hole = null;
    this.beatAt = 0;
    this.faults = { holes: 0, repeats: 0, backwards: [] };
    this.epoch = 0;
    this.seen = new Set();
    this.heard = [];
    this.socket = io(plan.url, {
      transports: ["websocket"],
      extraHeaders: { Cookie: facts.cookie, Origin: `http://${plan.host}`, Host: plan.host },
      forceNew: true,
      reconnectionDelay: 300,
      reconnectionDelayMax: 1000,
      randomizationFactor: 0.5,
      timeout: 4000,
    });
    this.listen();
    setInterval(() => this.report(), 2000);
  }

  listen() {
    const { socket } = this;
    socket.on("connect", () => this.join());
    socket.on("connect_error", () => { if (!socket.active) setTimeout(() => socket.connect(), 1000); });
    socket.on("disconnect", (reason) => {
      this.boot = null;
      if (reason === "io server disconnect") setTimeout(() => socket.connect(), 1000);
    });
    socket.on("snapshot", (message) => this.snapshot(message));
    socket.on("cycle", (message) => {
      for (const [name, data] of message.said) if (name === "push") this.push(data); else this.event(data);
    });
    socket.on("hb", (message) => {
      if (!this.boot) return undefined;
      if (!this.awaited.size) this.beatAt = performance.now() - (message.behind || 0);
      if (message.boot !== this.boot) return this.join();
      for (const room of this.awaited) this.resync(room);
      if (this.hole !== null || (message.told || {})[this.sounds] > this.told) this.missed();
      for (const [name, seq] of Object.entries(message.rooms || {})) if (this.rooms.has(name) && this.rooms.get(name).seq < seq) this.resync(name);
      return undefined;
    });
    socket.on("event", (message) => this.event(message));
  }

  /* Notes what sounds; news that came again, is old, or is another unit's does not. */
  event(message) {
    if (message.after > this.told) this.missed();
    this.told = Math.max(this.told, message.seq);
    if (this.seen.has(message.seq)) return;
    this.seen.add(message.seq);
    const mine = !message.unit || !this.unit || message.unit === this.unit;
    if (message.sound && mine && Date.now() - message.at < OLD_MS) this.heard.push(message.seq);
  }

  missed() {
    this.hole ??= this.told;
    this.socket.emit("missed", { since: this.hole }, (answer) => { if (answer && answer.ok) this.hole = null; });
  }

  join() {
    this.rooms.clear();
    this.asked.clear();
    this.awaited.clear();
    const me = { screen: this.screen, screen_id: this.id, name: "", lang: "zh", subject: {}, since: this.hole ?? this.told };
    const line = this.socket.id;
    this.boot = null;
    this.socket.timeout(5000).emit("join", me, (late, answer) => {
      if (late || !answer || !answer.ok) return line === this.socket.id && setTimeout(() => this.anew(), 300 + 700 * Math.random());
      this.boot = answer.boot;
      this.unit = answer.who.unit;
      this.sounds = answer.sounds;
      this.hole = null;
      this.told = this.told || answer.head;
      for (const room of answer.rooms) if (!this.rooms.has(room)) this.awaited.add(room);
      return this.report();
    });
  }

  anew() {
    if (!this.boot) this.socket.disconnect().connect();
  }

  report() {
    if (!this.socket.connected || !this.boot) return;
    const rooms = Object.fromEntries([...this.rooms].map(([name, room]) => [name, room.seq]));
    const mode = this.mode().mode || "PEACETIME";
    const state = { screen_id: this.id, epoch: this.mode().epoch || 0, mode, visible: true, rooms };
    this.socket.emit("report", state, (answer) => {
      for (const room of (answer && answer.stale) || []) this.resync(room);
    });
  }

  resync(room) {
    const now = performance.now();
    if (now - (this.asked.get(room) || -1e9) < 500) return;
    this.asked.set(room, now);
    this.socket.emit("resync", { room });
  }

  snapshot(message) {
    const rows = {};
    for (const [id, list] of Object.entries(message.rows || {})) rows[id] = new Map(list.map((row) => [row.id, row]));
    this.asked.delete(message.room);
    if (this.awaited.delete(message.room) && !this.awaited.size) this.beatAt = performance.now();
    this.rooms.set(message.room, { panel: message.panel, seq: message.to_seq, props: structuredClone(message.props), rows });
    this.follow();
  }

  push(message) {
    const room = this.rooms.get(message.room);
    if (!room || room.seq !== message.from_seq) {
      if (room && room.seq >= message.to_seq) { this.faults.repeats += 1; return; }
      this.faults.holes += 1;
      this.resync(message.room);
      return;
    }
    room.seq = message.to_seq;
    this.asked.delete(message.room);
    for (const [id, props] of Object.entries(message.props || {})) room.props[id] = { ...room.props[id], ...props };
    for (const [id, change] of Object.entries(message.rows || {})) {
      const list = (room.rows[id] ||= new Map());
      for (const gone of change.drop || []) list.delete(gone);
      for (const row of change.set || []) list.set(row.id, row);
    }
    this.follow();
  }

  follow() {
    const { epoch } = this.mode();
    if (epoch === undefined) return;
    if (epoch < this.epoch) this.faults.backwards.push([this.epoch, epoch]);
    this.epoch = epoch;
  }

  of(panel) {
    return [...this.rooms.values()].find((room) => room.panel === panel);
  }

  mode() {
    const room = this.of("mode");
    return (room && room.props.mode) || {};
  }

  list(panel, id) {
    const room = this.of(panel);
    return room && room.rows[id] ? [...room.rows[id].values()] : [];
  }

  /* What this screen shows of the things that must not be lost. */
  shows() {
    const { mode, epoch } = this.mode();
    const shown = { id: this.id, screen: this.screen, connected: this.socket.connected, stale: performance.now() - this.beatAt > STALE_MS, mode, epoch };
    if (this.screen === "desk") shown.alerts = pairs(this.list("queue", "queue-grid"), "AL-");
    if (this.screen === "wall") {
      shown.orders = pairs(this.list("wall-orders", "wall-orders-list"), "ZL-");
      const room = this.of("wall-orders");
      shown.count = room ? Number(room.props["wall-orders-counts"].children) : -1;
    }
    if (this.screen === "phone") shown.mine = named(this.list("phone-task", "phone-order"));
    return shown;
  }
}

/* id -> state of each row of that kind */
function pairs(rows, prefix) {
  const found = {};
  for (const row of rows) {
    if (!row.id.startsWith(prefix)) continue;
    const said = /"data[-_]state":"([A-Z_]+)"/.exec(JSON.stringify(row));
    found[row.id] = row.state || (said ? said[1] : null);
  }
  return found;
}

const named = (rows) => [...new Set(JSON.stringify(rows).match(/ZL-\d+-\d+/g) || [])].sort();

const screens = plan.screens.map((facts) => new Screen(facts));
const commands = {
  shows: () => screens.map((one) => one.shows()),
  heard: () => screens.map(({ id, screen, heard }) => ({ id, screen, heard: heard.slice(-500) })),
  faults: () => screens.map((one) => ({ id: one.id, ...one.faults })),
  dump: () => screens.map((one) => [...one.rooms].map(([name, room]) => [name, room.seq, room.props, Object.fromEntries(Object.entries(room.rows).map(([id, list]) => [id, [...list.values()]]))])),
  reset: () => { for (const one of screens) one.faults = { holes: 0, repeats: 0, backwards: [] }; return { ok: true }; },
};
readline.createInterface({ input: process.stdin }).on("line", (line) => say(commands[line.trim()]()));
process.stdin.on("end", () => process.exit(0));
