// A crowd of real Socket.IO screens in one process: joins rooms as a page would, and counts.
// node crowd.mjs '{"url","headers","count","join","watch","deflate"}'; speaks JSON lines on stdin/stdout.
import { createRequire } from "node:module";
import readline from "node:readline";

const { io } = createRequire(import.meta.url)("socket.io-client");
const plan = JSON.parse(process.argv[2]);
const say = (message) => process.stdout.write(JSON.stringify(message) + "\n");
const sockets = [];
let received = 0;
let modes = new Map();
let recording = null;

function watch(socket, index) {
  const note = (event) => (data) => {
    received += 1;
    if (recording && index === 0) recording.push([event, data]);
    const said = event === "cycle" ? data.said.map(([, one]) => one) : [data];
    for (const one of said) {
      const mode = one && one.props && one.props.mode;
      if (mode && mode.mode) modes.set(index, [mode.mode, Date.now()]);
    }
  };
  for (const event of plan.watch) socket.on(event, note(event));
}

function open(index) {
  return new Promise((resolve, reject) => {
    const socket = io(plan.url, {
      transports: ["websocket"],
      extraHeaders: plan.headers,
      forceNew: true,
      ...(plan.deflate ? {} : { perMessageDeflate: false }),
    });
    sockets.push(socket);
    watch(socket, index);
    socket.on("connect_error", reject);
    socket.on("connect", () => {
      if (!plan.join) return resolve();
      const screen = { ...plan.join, screen_id: `crowd-${process.pid}-${index}` };
      socket.emit("join", screen, (answer) => (answer.ok ? resolve() : reject(new Error(JSON.stringify(answer)))));
    });
  });
}

const commands = {
  record: () => { recording = []; return { ok: true }; },
  recorded: () => { const all = recording; recording = null; return { messages: all }; },
  count: () => ({ received, open: sockets.filter((s) => s.connected).length }),
  forget: () => { modes = new Map(); return { ok: true }; },
  modes: () => ({ modes: [...modes.values()] }),
};

for (let index = 0; index < plan.count; index += 20) {
  const some = Math.min(20, plan.count - index);
  await Promise.all(Array.from({ length: some }, (_, k) => open(index + k)));
}
say({ ready: sockets.length });
readline.createInterface({ input: process.stdin }).on("line", (line) => say(commands[line.trim()]()));
process.stdin.on("end", () => process.exit(0));
