/* The phone's outbox: what a responder does is kept with its time until the centre has it. */
(function () {
  "use strict";
  const hall = window.dash_clientside.hall;
  if (hall.screen !== "phone") return;
  const COMMANDS = new Set(["order.acknowledge", "order.decline", "order.advance", "order.deliver", "order.read"]);
  const QUIET = new Set(["order.deliver", "order.read"]);
  const SHOWN_MS = 20000;
  const KEPT = "yiping.outbox";
  let items = load();
  let sending = false;

  function load() {
    try {
      return JSON.parse(localStorage.getItem(KEPT) || "[]");
    } catch (error) {
      return [];
    }
  }
  const keep = () => localStorage.setItem(KEPT, JSON.stringify(items));
  const waiting = () => items.filter((item) => item.state === "pending");

  /* Puts an action in the outbox with the time at which it was done. */
  function put(name, body, button) {
    const item = { key: hall.uuid(), name, body: { ...body, at: hall.now() }, state: "pending" };
    items.push(item);
    keep();
    paint();
    if (button) button.dataset.state = "pending";
    hall.tell("queued", item);
    send();
  }

  /* One after the other, in the order in which they were done, each until it is answered. */
  async function send() {
    if (sending) return;
    sending = true;
    try {
      for (let item = waiting()[0]; item; item = waiting()[0]) {
        const answer = await hall.send(item.name, item.body, { key: item.key });
        item.state = answer.ok ? "sent" : "refused";
        item.said = answer.ok ? "" : hall.reason(answer.body);
        item.doneAt = hall.now();
        keep();
        paint();
        hall.tell("delivered", item);
      }
    } finally {
      sending = false;
    }
  }

  /* What was answered stays in sight for a while, then goes; what was refused stays until seen. */
  function tidy(now) {
    const before = items.length;
    items = items.filter((item) => item.state === "pending" || now - item.doneAt < SHOWN_MS);
    if (items.length === before) return;
    keep();
    paint();
  }

  function part(tag, words, name) {
    const element = document.createElement(tag);
    element.textContent = words;
    if (name) element.className = name;
    return element;
  }

  function line(item) {
    const row = part("div", "", "msg");
    row.dataset.state = item.state;
    const doing = item.name === "order.advance" ? item.body.to : item.name;
    const what = part("div", hall.t(`queue_item.${doing}`));
    what.append(part("small", `${hall.clockText(item.body.at)} · ${item.body.order}${item.said ? ` · ${item.said}` : ""}`));
    row.append(what, part("span", hall.t(`send.${item.state}`), "tag"));
    return row;
  }

  function paint() {
    const place = document.getElementById("phone-queue");
    const net = document.getElementById("phone-net");
    const shown = items.filter((item) => !QUIET.has(item.name));
    const many = shown.filter((item) => item.state === "pending").length;
    if (place) {
      place.replaceChildren(...shown.map(line));
      place.dataset.count = String(many);
    }
    if (net) net.textContent = many ? hall.t("send.unsent", { n: many }) : "";
  }

  hall.queue = { takes: (name) => COMMANDS.has(name), put, items: () => items.map((item) => ({ ...item })) };
  hall.on("tick", tidy);
  window.addEventListener("online", send);
  Promise.all([hall.ready, hall.words]).then(() => {
    paint();
    send();
  });
})();
