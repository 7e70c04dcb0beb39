/* A signed-in person's call: join with consent, talk, come back by itself, hang up.
   Buttons say data-call="here|join|listen|leave|mic|camera|hand|pictures|stage|link"; data-talk is held
   to talk. */
(function () {
  "use strict";
  const hall = window.dash_clientside.hall;
  const root = document.documentElement;
  let line = null;
  let stage = null;
  let call = "";
  let hand = false;
  let talking = false;
  const ANSWER_MS = 7000;
  const KEPT = "yiping.call";

  /* A page that is loaded anew in the middle of a call comes back into it. */
  function keep(id) {
    if (id) sessionStorage.setItem(KEPT, id);
    else sessionStorage.removeItem(KEPT);
  }

  const place = () => document.getElementById("call-stage");
  const answer = (words) => {
    const found = document.querySelector("[data-call-answer]");
    if (found) found.textContent = words;
  };

  async function post(address, body) {
    const headers = { "Content-Type": "application/json", "Idempotency-Key": hall.uuid() };
    const found = await fetch(address, { method: "POST", credentials: "same-origin", headers, body: JSON.stringify(body) }).catch(() => null);
    if (!found) throw Object.assign(new Error("unreachable"), { code: "unreachable", status: 0 });
    const said = await found.json().catch(() => ({}));
    if (!found.ok) throw Object.assign(new Error(said.code), { code: said.code || "fault", status: found.status });
    return said;
  }

  /* Coming back tells the centre again: it may have been told meanwhile that we were lost. */
  async function token(action) {
    return post("/api/v1/calls/tokens", { call, action });
  }

  function ready() {
    if (!stage || !place() || !place().firstChild) stage = place() ? hall.callStage(place()) : null;
    return stage;
  }

  async function join(id, listen) {
    if (line && call === id && line.stream) return undefined; // in it already
    if (line) leave();
    call = id;
    hand = talking = false;
    let stream = null;
    show("asking");
    try {
      if (!listen) stream = await hall.callMedia(!root.dataset.callSound);
    } catch (error) {
      call = "";
      return show("failed", error.code);
    }
    const late = setTimeout(() => show("failed", "unreachable"), ANSWER_MS);
    const joined = await hall.send("call.join", { call: id });
    clearTimeout(late);
    if (call !== id) return undefined; // given up meanwhile
    if (!joined.ok) {
      keep("");
      for (const track of stream ? stream.getTracks() : []) track.stop();
      call = "";
      return show("over", joined.body.code);
    }
    return connect(stream, joined.body.party);
  }

  function connect(stream, me) {
    ready().clear();
    stage.me(me);
    stage.self(stream);
    line = new hall.CallLine({
      token,
      told: (one) => one === line && told(),
      room: (now) => stage.room(now),
      levels: (now) => stage.levels(now),
      track: (kind, n, track) => stage.track(kind, n, track),
    });
    keep(call);
    line.start(stream);
    line.setMic(true);
  }

  function leave() {
    if (!line) return;
    const id = call;
    const old = line;
    line = null;
    call = "";
    keep("");
    old.stop();
    if (stage) {
      stage.clear();
      stage.self(null);
    }
    hall.send("call.leave", { call: id });
    show("idle");
  }

  function told() {
    if (line.state === "over") {
      const reason = line.reason;
      line = null;
      call = "";
      keep("");
      stage.clear();
      stage.self(null);
      return show("over", reason);
    }
    return show(line.state, line.reason);
  }

  /* The page learns by attributes; style sheets and tests read the same ones. */
  function show(state, reason = "") {
    const set = (name, value) => (value ? (root.dataset[name] = value) : delete root.dataset[name]);
    set("call", state === "idle" ? "" : state);
    set("callReason", reason);
    set("callQuality", line && line.state === "live" ? line.quality : "");
    set("callWeak", line && line.weak ? "1" : "");
    set("callMic", line && line.stream ? (line.mic ? "on" : "off") : "");
    set("callCamera", line && line.hasCamera() ? (line.camera ? "on" : "off") : "");
    set("callHand", hand ? "1" : "");
    set("callId", call);
    say();
    hall.tell("call", { state, reason, call });
  }

  /* Painted again, also when a panel was drawn anew meanwhile. */
  function say() {
    const text = words(root.dataset.call || "idle", root.dataset.callReason || "");
    for (const one of document.querySelectorAll("[data-call-state]")) if (one.textContent !== text) one.textContent = text;
  }
  document.addEventListener("hall:painted", (event) => event.detail === "detail-head" && say());

  function words(state, reason) {
    if (state === "failed" || state === "over") {
      const why = hall.t(`call.why_${reason}`);
      const known = why === `call.why_${reason}` ? hall.t(`call.why_fault`) : why;
      return state === "over" ? known : hall.t("call.failed", { why: known });
    }
    if (state === "live" && line) return hall.t(line.weak ? "call.weak" : `call.line_${line.quality || "good"}`);
    return state === "idle" ? "" : hall.t(`call.${state}`);
  }

  async function link(id, form) {
    const label = form ? form.querySelector("[name=label]").value.trim() : "";
    try {
      const made = await post("/api/v1/calls/links", { call: id, label });
      hall.tell("call:link", made);
      const found = document.getElementById("call-link");
      found.replaceChildren();
      const image = Object.assign(document.createElement("img"), { src: made.qr, alt: made.url, className: "call-qr" });
      const text = Object.assign(document.createElement("code"), { textContent: made.url });
      const until = Object.assign(document.createElement("time"), { className: "n" });
      Object.assign(until.dataset, { t: "left", t0: String(made.expires_at) });
      found.append(image, text, until);
    } catch (error) {
      answer(hall.reason({ code: error.code }));
    }
  }

  /* The incident's own call: opened if it is not on, and gone into, by one press. */
  async function here(button) {
    button.disabled = true;
    const opened = await hall.send("call.open", { incident: button.dataset.id, ...hall.unrecorded(button.parentElement) });
    button.disabled = false;
    if (opened.ok) return join(opened.body.call, false);
    return show("over", opened.body.code);
  }

  /* What to add to the opening of a call that is not to be recorded. */
  hall.unrecorded = (under) => (under.querySelector("[name=record]:checked") ? { record: false } : {});

  /* How the call is that was opened, whatever was asked: another may have opened it before. The
     choice holds for one call. */
  hall.on("acted", ({ name, answer: said }) => {
    if (name !== "call.open" || !said.ok) return;
    answer(hall.t(said.body.recorded ? "call.recording" : "call.not_recorded"));
    for (const box of document.querySelectorAll(".call-open [name=record]")) box.checked = false;
  });

  const acts = {
    here,
    stage: () => hall.desk && hall.desk.view("dispatch"),
    join: (button) => join(button.dataset.id, false),
    listen: (button) => join(button.dataset.id, true),
    leave,
    mic: () => line && line.setMic(!line.mic),
    camera: () => line && line.setCamera(!line.camera),
    hand: () => {
      hand = !hand;
      hall.send("call.hand", { call, up: hand });
      show(line ? line.state : "idle");
    },
    pictures: () => {
      const few = line && line.asked.video === 0;
      if (line) line.ask(few ? { video: 4, sound: "each" } : { video: 0, sound: "mix" });
      root.toggleAttribute("data-call-few", !few);
    },
    link: (button) => link(button.dataset.id, button.closest("[data-form]")),
    sound: () => {
      if (root.dataset.callSound) delete root.dataset.callSound;
      else root.dataset.callSound = "1";
    },
  };

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-call]");
    if (button && button !== root && acts[button.dataset.call]) acts[button.dataset.call](button);
  });

  /* Hold to talk: on while held, by finger or by the space bar. */
  function talk(on) {
    if (!line || on === talking) return;
    talking = on;
    root.toggleAttribute("data-call-talking", on);
    line.setMic(on);
  }
  const held = (event) => event.target.closest && event.target.closest("[data-talk]");
  document.addEventListener("pointerdown", (event) => held(event) && talk(true));
  for (const name of ["pointerup", "pointercancel"]) document.addEventListener(name, () => talking && talk(false));
  window.addEventListener("blur", () => talking && talk(false));
  const typing = () => document.activeElement && document.activeElement.matches("input, textarea, select, button, summary");
  document.addEventListener("keydown", (event) => {
    if (event.code !== "Space" || event.repeat || typing() || !line) return;
    event.preventDefault();
    talk(true);
  });
  document.addEventListener("keyup", (event) => event.code === "Space" && talking && talk(false));

  window.addEventListener("pagehide", () => {
    if (line) line.stop();
  });
  if (!hall.canCall()) root.dataset.callCannot = "1";
  hall.ready.then(() => sessionStorage.getItem(KEPT) && hall.canCall() && join(sessionStorage.getItem(KEPT), false));

  hall.callJoin = (id) => join(id, false);
  hall.call = { line: () => line, stage: () => stage };
})();
