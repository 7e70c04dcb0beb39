/* Writing orders: recipients, drafts, and issuing them together. */
(function () {
  "use strict";
  const hall = window.dash_clientside.hall;
  const { desk } = hall;
  if (!desk) return;
  const recipients = new Map(); // unit id -> name, ticked among the forces or added by @
  const write = () => document.getElementById("composer-write");
  const field = (name) => write().querySelector(`[name=${name}]`);
  const answer = (words) => (document.getElementById("composer-answer").textContent = words);

  /* One key a form, so that a repeated press after a lost answer cannot issue twice. */
  let form = null;

  desk.addRecipient = (id, name) => {
    recipients.set(id, name);
    paint();
  };

  function paint() {
    const place = write() && write().querySelector("[data-to]");
    if (!place) return;
    place.replaceChildren(...[...recipients].map(([id, name]) => chip(id, name)));
    const count = document.getElementById("forces-count");
    if (count) count.textContent = String(ticked().length);
  }
  function chip(id, name) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = `${name} ✕`;
    button.dataset.recipient = id;
    return button;
  }
  document.addEventListener("click", (event) => {
    const one = event.target.closest("[data-recipient]");
    if (!one) return;
    recipients.delete(one.dataset.recipient);
    for (const box of ticked()) if (box.value === one.dataset.recipient) box.checked = false;
    paint();
  });

  const ticked = () => desk.all("#forces-list [name=force]").filter((box) => box.checked);
  document.addEventListener("change", (event) => {
    const box = event.target;
    if (box.name === "force") {
      const name = box.closest("label").querySelector(".tt b").textContent;
      if (box.checked) recipients.set(box.value, name);
      else recipients.delete(box.value);
      paint();
    }
    if (box.dataset.edit) edit(box);
  });

  function edit(box) {
    const value = box.dataset.number ? Number(box.value) : box.value.trim();
    if (value === "" || (box.name === "text" && value === box.defaultValue)) return;
    desk.send("order.edit", { order: box.dataset.edit, [box.name]: value }, { answer: "composer-answer" });
  }

  desk.verbs.write = () => {
    if (document.documentElement.dataset.view !== "dispatch") desk.view("dispatch");
    desk.focusOn(field("order_text"));
  };

  const drafts = () => desk.all("#composer-drafts [name=draft]").filter((box) => box.checked).map((box) => box.value);

  desk.verbs.issue = async (button) => {
    const text = field("order_text").value.trim();
    const { incident } = hall.selection;
    if (!incident) return answer(hall.t("composer.no_incident"));
    if (text && !recipients.size) return answer(hall.t("composer.no_recipient"));
    if (!text && !drafts().length) return answer(hall.t("composer.nothing"));
    button.disabled = true;
    try {
      return await issue(incident, text);
    } finally {
      button.disabled = false;
    }
  };

  async function issue(incident, text) {
    const orders = drafts();
    sent = [];
    form = form || hall.uuid();
    for (const unit of text ? recipients.keys() : []) {
      const made = await desk.send("order.draft", { incident, text, unit, ...choices() }, { key: `${form}:${unit}`, answer: "composer-answer" });
      if (!made) return;
      if (!orders.includes(made.order)) orders.push(made.order);
    }
    const issued = await desk.send("order.issue", { orders }, { answer: "composer-answer" });
    if (!issued) return;
    clear();
    sent = orders;
    follow();
  }

  /* What was issued last, from accepted to delivered to signed, as the centre tells of each. */
  const COME = new Set(["DELIVERED", "READ", "ACKED", "DECLINED", "EN_ROUTE", "ON_SCENE", "DONE", "VERIFIED"]);
  const SIGNED = new Set(["ACKED", "EN_ROUTE", "ON_SCENE", "DONE", "VERIFIED"]);
  let sent = [];
  function follow() {
    if (!sent.length) return;
    const states = new Map(hall.rows("matrix-grid").map((row) => [row.id, row.state]));
    const count = (some) => sent.filter((id) => some.has(states.get(id))).length;
    answer(hall.t("composer.progress", { n: sent.length, come: count(COME), signed: count(SIGNED) }));
  }
  for (const name of ["push", "snapshot"]) hall.on(name, (message) => message.panel === "matrix" && follow());

  function choices() {
    const limit = Number(field("limit").value);
    const chosen = { kind: field("kind").value, priority: Number(field("new_priority").value) };
    return limit ? { ...chosen, ack_limit: Math.round(limit * 60) } : chosen;
  }

  function clear() {
    form = null;
    recipients.clear();
    field("order_text").value = "";
    field("limit").value = "";
    for (const box of ticked()) box.checked = false;
    paint();
  }

  document.addEventListener("hall:painted", (event) => {
    if (event.detail === "forces-list" || event.detail === "composer-write") paint();
  });
})();
