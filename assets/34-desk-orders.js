/* Writing orders: recipients, drafts, and issuing them together. */
(function () {
  "use strict";
  const hall = window.dash_clientside.hall;
  const { desk } = hall;
  if (!desk) return;
  const recipients = new Map(); // unit id -> {name, district}, ticked among the forces or added by @
  const write = () => document.getElementById("composer-write");
  const field = (name) => write().querySelector(`[name=${name}]`);
  const answer = (words) => (document.getElementById("composer-answer").textContent = words);

  /* One key a form, so that a repeated press after a lost answer cannot issue twice. */
  let form = null;

  desk.addRecipient = (id, name, district) => {
    recipients.set(id, { name, district });
    paint();
  };
  const taken = (id) => desk.taken(id, recipients.get(id).district);

  function paint() {
    const place = write() && write().querySelector("[data-to]");
    if (!place) return;
    place.replaceChildren(...[...recipients].map(([id, { name }]) => chip(id, name)));
    write().querySelector("[data-held]").textContent = [...recipients.keys()].filter(taken).map(keeps).join(" · ");
    const count = document.getElementById("forces-count");
    if (count) count.textContent = String(ticked().length);
  }
  function chip(id, name) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = `${name} ✕`;
    button.dataset.recipient = id;
    const held = taken(id);
    if (held) [button.dataset.taken, button.title] = ["1", held.words];
    return button;
  }
  const keeps = (id) => hall.t("composer.keeps", { name: recipients.get(id).name, why: taken(id).why });
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
      if (box.checked) recipients.set(box.value, { name, district: box.dataset.district });
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

  const issuable = (box) => box.checked && !box.disabled;
  const drafts = () => desk.all("#composer-drafts [name=draft]").filter(issuable).map((box) => box.value);

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

  /* What can go out goes out together; an order for a unit that is taken stays a draft. */
  async function issue(incident, text) {
    const ready = new Set(drafts());
    const waits = new Set();
    [sent, kept] = [[], 0];
    form = form || hall.uuid();
    for (const [unit, { district }] of text ? [...recipients] : []) {
      const made = await desk.send("order.draft", { incident, text, unit, ...choices() }, { key: `${form}:${unit}`, answer: "composer-answer" });
      if (!made) return;
      (desk.taken(unit, district) ? waits : ready).add(made.order);
    }
    if (ready.size && !(await desk.send("order.issue", { orders: [...ready] }, { answer: "composer-answer" }))) return;
    clear();
    [sent, kept] = [[...ready], waits.size];
    follow();
  }

  /* What was issued last, from accepted to delivered to signed, as the centre tells of each. */
  const COME = new Set(["DELIVERED", "READ", "ACKED", "DECLINED", "EN_ROUTE", "ON_SCENE", "DONE", "VERIFIED"]);
  const SIGNED = new Set(["ACKED", "EN_ROUTE", "ON_SCENE", "DONE", "VERIFIED"]);
  let [sent, kept] = [[], 0];
  function follow() {
    if (sent.length || kept) answer([...progress(), ...(kept ? [hall.t("composer.kept", { n: kept })] : [])].join(" · "));
  }
  function progress() {
    if (!sent.length) return [];
    const states = new Map(hall.rows("matrix-grid").map((row) => [row.id, row.state]));
    const count = (some) => sent.filter((id) => some.has(states.get(id))).length;
    return [hall.t("composer.progress", { n: sent.length, come: count(COME), signed: count(SIGNED) })];
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
    if (["forces-list", "composer-write", "composer-taken"].includes(event.detail)) paint();
  });
})();
