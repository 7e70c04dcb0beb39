/* The phone says that an order has come, and that it has been on a lit screen; each once an order.
   While the centre is out of reach the button goes on to the next step by itself. */
(function () {
  "use strict";
  const hall = window.dash_clientside.hall;
  if (hall.screen !== "phone") return;
  const FOLLOWS = { ACKED: "EN_ROUTE", EN_ROUTE: "ON_SCENE", ON_SCENE: "DONE" };
  const ANSWERS = new Set(["order.acknowledge", "order.decline"]);
  const HOLD_MS = "1000";
  const SEEN_MS = 600;
  const told = new Set();

  function once(name, order) {
    const mark = `${name}:${order}`;
    if (told.has(mark)) return;
    told.add(mark);
    hall.queue.put(name, { order });
  }

  const heading = () => document.querySelector("#phone-order [data-read]");

  /* An order has come as soon as it stands in the list; it is read once it has been in sight. */
  function look() {
    for (const one of document.querySelectorAll('#phone-order [data-came][data-state="ISSUED"]')) once("order.deliver", one.dataset.came);
    const one = heading();
    if (!one) return;
    const { read: order, state } = one.dataset;
    if (state === "ISSUED") once("order.deliver", order);
    if ((state === "ISSUED" || state === "DELIVERED") && inSight(one)) setTimeout(() => seen(order), SEEN_MS);
  }

  function inSight(element) {
    if (document.hidden) return false;
    const box = element.getBoundingClientRect();
    const middle = (box.top + box.bottom) / 2;
    return box.height > 0 && middle > 0 && middle < window.innerHeight;
  }

  function seen(order) {
    const one = heading();
    if (one && one.dataset.read === order && inSight(one)) once("order.read", order);
  }

  /* Who answers an order has read it, however quickly. */
  hall.on("acting", ({ name, body }) => {
    const one = heading();
    if (!ANSWERS.has(name) || !one || one.dataset.read !== body.order) return;
    const { state } = one.dataset;
    if (state === "ISSUED") once("order.deliver", body.order);
    if (state === "ISSUED" || state === "DELIVERED") once("order.read", body.order);
  });

  /* The step that a queued action leads to. */
  const reached = (item) => (item.name === "order.acknowledge" ? "ACKED" : item.name === "order.advance" ? item.body.to : null);

  function ahead() {
    const button = document.querySelector("#phone-next button[data-act]");
    if (!button) return;
    const { order } = JSON.parse(button.dataset.body);
    const mine = hall.queue.items().filter((item) => item.state === "pending" && item.body.order === order && reached(item));
    const last = mine.length ? reached(mine[mine.length - 1]) : null;
    if (!last) return;
    const next = FOLLOWS[last];
    delete button.dataset.state;
    button.disabled = !next;
    if (next) turn(button, order, next);
  }

  function turn(button, order, next) {
    button.dataset.act = "order.advance";
    button.dataset.body = JSON.stringify({ order, to: next });
    if (next === "DONE") button.dataset.hold = HOLD_MS;
    else delete button.dataset.hold;
    const [words, note] = button.children;
    if (words) words.textContent = hall.t(`phone.do_${next}`);
    if (note) note.textContent = hall.t(`phone.note_${next}`);
  }

  document.addEventListener("hall:painted", (event) => {
    if (event.detail === "phone-order") look();
    if (event.detail === "phone-next") ahead();
  });
  document.addEventListener("visibilitychange", look);
  hall.on("tick", look);
  hall.on("queued", () => setTimeout(ahead, 700));
})();
