/* Buttons with data-act send a command; keys press buttons; data-select chooses; data-open opens. */
(function () {
  "use strict";
  const hall = window.dash_clientside.hall;
  const KEPT_MS = 4000;
  const underWay = new Set();

  const ticked = (field) => (field.dataset.json ? JSON.parse(field.dataset.json) : /^\d+$/.test(field.value) ? Number(field.value) : field.value);
  const value = (field) => (field.type === "number" || field.dataset.number ? Number(field.value) : field.value.trim());

  function typed(form) {
    const found = {};
    for (const field of form.querySelectorAll("[name]")) {
      if (field.type === "radio" || field.type === "checkbox") {
        if (field.checked) found[field.name] = field.dataset.number ? Number(field.value) : ticked(field);
      } else if (field.value !== "") found[field.name] = value(field);
    }
    return found;
  }

  function chosen(button) {
    const found = {};
    for (const kind of (button.dataset.with || "").split(" ").filter(Boolean)) {
      if (hall.selection[kind]) found[kind] = hall.selection[kind];
    }
    return found;
  }

  /* The body of a button's command: what stands around it, what is typed, what is chosen. */
  function body(button) {
    const around = button.closest("[data-body]");
    const form = button.closest("[data-form]");
    return { ...chosen(button), ...(around ? JSON.parse(around.dataset.body) : {}), ...(form ? typed(form) : {}) };
  }

  function lacking(button, made) {
    const form = button.closest("[data-form]") || document;
    for (const name of (button.dataset.need || "").split(" ").filter(Boolean)) {
      if (made[name] !== undefined && made[name] !== "") continue;
      const field = form.querySelector(`[name="${name}"]`);
      if (field) field.focus();
      return name;
    }
    return (button.dataset.with || "").split(" ").filter(Boolean).find((kind) => !made[kind]);
  }

  async function act(button) {
    if (button.disabled || button.dataset.state === "pending") return;
    const made = body(button);
    const missing = lacking(button, made);
    if (missing) return say(button, hall.t("send.missing", { field: hall.t(`field.${missing}`) }));
    const name = button.dataset.act;
    if (hall.queue && hall.queue.takes(name)) return hall.queue.put(name, made, button);
    return order(button, name, made);
  }

  /* The same words are under way once, whichever button says them: a list may have been repainted. */
  async function order(button, name, made) {
    const text = name + JSON.stringify(made);
    if (underWay.has(text)) return;
    underWay.add(text);
    const field = leave(button);
    try {
      finish(button, field, await hall.send(name, made, { state: (word) => show(button, word) }));
    } finally {
      underWay.delete(text);
    }
  }

  /* What was said is said: the next key is a key, though the answer may come after what it changed. */
  function leave(button) {
    const line = button.closest("[data-line]");
    const field = line && line.contains(document.activeElement) ? document.activeElement : null;
    if (field) field.blur();
    return field;
  }

  function finish(button, field, answer) {
    say(button, answer.ok ? hall.t("send.sent") : hall.reason(answer.body));
    const line = button.closest("[data-line]");
    if (answer.ok && line) {
      delete line.dataset.on;
      for (const one of line.querySelectorAll("input, textarea")) one.value = one.defaultValue;
    }
    if (!answer.ok && field && document.activeElement === document.body) field.focus();
    hall.tell("acted", { name: button.dataset.act, answer });
  }

  function show(button, word) {
    button.dataset.state = word;
    if (word === "pending") say(button, hall.t("send.pending"));
    else setTimeout(() => delete button.dataset.state, KEPT_MS);
  }

  /* Where an answer is read: the nearest place for it in the panel. */
  function say(button, words) {
    const panel = button.closest("[data-panel]") || document;
    const place = panel.querySelector("[data-answer]") || document.querySelector("[data-answer]");
    if (place) place.textContent = words;
  }

  hall.act = act;
  hall.bodyOf = body;

  document.addEventListener("click", (event) => {
    const target = event.target.closest("[data-act], [data-select], [data-open]");
    if (!target) return;
    if (target.dataset.act && !target.dataset.hold) act(target);
    if (target.dataset.select) {
      const [kind, id] = split(target.dataset.select);
      hall.select(kind, id);
    }
    if (target.dataset.open) hall.open(...split(target.dataset.open));
  });
  function split(text) {
    const at = text.indexOf(":");
    return [text.slice(0, at), text.slice(at + 1)];
  }

  /* Held buttons: done after data-hold ms without letting go. */
  let held = null;
  function hold(button) {
    if (button.disabled) return;
    button.dataset.held = "1";
    held = { button, timer: setTimeout(() => (release(), act(button)), Number(button.dataset.hold)) };
  }
  function release() {
    if (!held) return;
    clearTimeout(held.timer);
    delete held.button.dataset.held;
    held = null;
  }
  const holdable = (event) => event.target.closest && event.target.closest("[data-hold]");
  document.addEventListener("pointerdown", (event) => holdable(event) && hold(holdable(event)));
  for (const name of ["pointerup", "pointercancel"]) document.addEventListener(name, release);
  document.addEventListener("pointerout", (event) => held && held.button === event.target && release());
  window.addEventListener("blur", release);
  document.addEventListener("keydown", (event) => {
    if ((event.key === "Enter" || event.key === " ") && holdable(event) && !held && !event.repeat) hold(holdable(event));
  });
  document.addEventListener("keyup", release);
  document.addEventListener("contextmenu", (event) => holdable(event) && event.preventDefault());

  /* Keys: "A", "Ctrl+Enter", "Alt+W"; a plain key only where nobody is typing. */
  function name(event) {
    const parts = [];
    if (event.ctrlKey || event.metaKey) parts.push("Ctrl");
    if (event.altKey) parts.push("Alt");
    const code = /^Key([A-Z])$/.exec(event.code) || /^Digit(\d)$/.exec(event.code);
    const plain = event.key.length === 1 ? event.key.toUpperCase() : event.key;
    parts.push(code && (parts.length || /^[a-z]$/i.test(event.key)) ? code[1] : plain);
    return parts.join("+");
  }
  const typing = () => {
    const active = document.activeElement;
    return Boolean(active && active.matches("textarea, select, [contenteditable], input:not([type=checkbox]):not([type=radio]):not([type=button])"));
  };
  const seen = (element) => Boolean(element.offsetParent || element.getClientRects().length);

  /* The button that a key presses: one in sight, or one that may be pressed from anywhere. */
  function pressed(key) {
    const all = [...document.querySelectorAll("[data-key]")].filter((one) => one.dataset.key.toUpperCase() === key.toUpperCase());
    const usable = all.filter((one) => (seen(one) || one.dataset.anywhere) && !one.disabled);
    const panel = document.activeElement && document.activeElement.closest("[data-panel]");
    const near = usable.find((one) => panel && panel.contains(one));
    return near || usable.find((one) => one.dataset.first) || usable[0];
  }

  document.addEventListener("keydown", (event) => {
    if (event.isComposing || event.repeat || event.defaultPrevented) return;
    const key = name(event);
    const bare = !event.ctrlKey && !event.altKey && !event.metaKey && event.key.length === 1;
    if (bare && typing()) return;
    const button = pressed(key);
    const panel = changing(button, bare);
    if (panel) later(panel, key);
    if (button) event.preventDefault();
    if (button && !panel) button.click();
  });

  /* A panel that is about to show another thing has that thing's buttons in a moment: the key waits
     for them, so that it never acts on what stood there before; another choice makes it void. */
  const WAIT_MS = 2000;
  function changing(button, bare) {
    if (button) return button.closest("[data-panel][data-loading]");
    return bare ? [...document.querySelectorAll("[data-panel][data-loading]")].find(seen) : null;
  }
  function later(panel, key) {
    const ends = [
      hall.on("snapshot", (message) => {
        if (message.panel !== panel.dataset.panel) return;
        end();
        requestAnimationFrame(() => requestAnimationFrame(() => press(key)));
      }),
      hall.on("select", end),
    ];
    function end() {
      for (const off of ends) off();
    }
    setTimeout(end, WAIT_MS);
  }
  function press(key) {
    const button = pressed(key);
    if (button) button.click();
  }
})();
