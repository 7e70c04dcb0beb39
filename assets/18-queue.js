/* The phone's outbox: what a responder does is kept with its time until the centre has it.
   It is kept on the phone, in the order in which it was done, and outlives a reload. */
(function () {
  "use strict";
  const hall = window.dash_clientside.hall;
  if (hall.screen !== "phone") return;
  const COMMANDS = new Set(["order.acknowledge", "order.decline", "order.advance", "order.deliver", "order.read", "order.share_place", "order.watch_safety", "order.confirm_safety", "order.ask_help"]);
  const QUIET = new Set(["order.deliver", "order.read"]);
  const SHOWN_MS = 20000;
  const REFUSED_MS = 600000;
  const SIGN_IN = 401;
  const KEPT = "yiping.outbox";
  let items = [];
  let stored = true;
  let sending = false;

  /* The store is read before each change: another tab of this phone may have changed it. */
  function change(by) {
    items = by(stored ? read() : items);
    try {
      localStorage.setItem(KEPT, JSON.stringify(items));
    } catch (error) {
      stored = false;
      console.warn("the outbox is only kept in this tab", error);
    }
    paint();
  }
  function read() {
    try {
      return JSON.parse(localStorage.getItem(KEPT) || "[]");
    } catch (error) {
      return items;
    }
  }
  const put = (item) => change((kept) => [...kept, item]);
  const settle = (key, news) => change((kept) => kept.map((one) => (one.key === key ? { ...one, ...news } : one)));

  /* Somebody else's items wait until that person signs in on this phone again. */
  const own = (item) => !item.by || !hall.who || item.by === hall.who.id;
  const next = () => hall.who && items.find((item) => item.state === "pending" && own(item));

  /* Puts an action in the outbox with the time at which it was done. */
  function take(name, body, button) {
    hall.tell("acting", { name, body });
    const by = hall.who ? hall.who.id : "";
    const item = { key: hall.uuid(), name, by, body: QUIET.has(name) ? body : { ...body, at: hall.now() }, state: "pending" };
    if (button) button.dataset.state = "pending";
    put(item);
    hall.tell("queued", item);
    send();
  }

  /* One after the other, in the order in which they were done, each until it is answered. */
  async function send() {
    if (sending) return;
    sending = true;
    try {
      for (let item = next(); item; item = next()) {
        const answer = await hall.send(item.name, item.body, { key: item.key, quiet: QUIET.has(item.name) });
        if (answer.status === SIGN_IN) return paint();
        const state = answer.ok ? "sent" : "refused";
        settle(item.key, { state, said: answer.ok ? "" : hall.reason(answer.body), doneAt: hall.now() });
        hall.tell("delivered", { ...item, state });
      }
    } finally {
      sending = false;
    }
  }

  /* What was answered stays in sight for a while, then goes; what was refused stays longer. */
  const over = (item, now) => item.state !== "pending" && now - item.doneAt > (item.state === "sent" ? SHOWN_MS : REFUSED_MS);
  function tidy(now) {
    if (items.some((item) => over(item, now))) change((kept) => kept.filter((item) => !over(item, now)));
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
    const shown = items.filter((item) => !QUIET.has(item.name) && own(item));
    const late = shown.filter((item) => item.state === "pending");
    const many = late.length;
    for (const item of items) {
      if (late.includes(item)) hall.unsent.add(item.key);
      else hall.unsent.drop(item.key);
    }
    if (place) {
      place.replaceChildren(...shown.map(line));
      place.dataset.count = String(many);
    }
    if (net) net.textContent = many ? hall.t("send.unsent", { n: many }) : "";
  }

  hall.queue = { takes: (name) => COMMANDS.has(name), put: take, items: () => items.map((item) => ({ ...item })) };
  hall.on("tick", tidy);
  hall.on("live", send);
  window.addEventListener("online", send);
  window.addEventListener("storage", (event) => event.key === KEPT && change((kept) => kept));
  Promise.all([hall.ready, hall.words]).then(() => {
    change((kept) => kept);
    send();
  });
})();
