/* The page of a call for somebody without an account: a link, a name, a button, the call. */
(function () {
  "use strict";
  const hall = window.dash_clientside.hall;
  const root = document.documentElement;
  const words = JSON.parse(document.getElementById("words").textContent);
  hall.t = (key, values = {}) => (words.texts[key] || key).replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));
  const say = (text) => (document.getElementById("say").textContent = text);
  const form = document.getElementById("enter");
  const talk = document.getElementById("talk");
  let line = null;
  let stage = null;
  let hand = false;
  let asked = "join";
  let kept = null; // not known yet

  const script = document.createElement("script");
  script.src = "/assets/41-call-stage.js";
  script.onload = begin;
  document.head.append(script);

  const why = (code) => {
    const known = hall.t(`call.why_${code}`);
    return known === `call.why_${code}` ? hall.t("call.why_fault") : known;
  };

  async function post(address, body = {}) {
    const options = { method: "POST", credentials: "same-origin", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) };
    const answer = await fetch(address, options).catch(() => null);
    if (!answer) throw Object.assign(new Error("unreachable"), { code: "unreachable", status: 0 });
    const said = await answer.json().catch(() => ({}));
    if (!answer.ok) throw Object.assign(new Error(said.code), { code: said.code || "fault", status: answer.status });
    return said;
  }

  /* Whether it is recorded is said before anybody goes in, and again when that changes. */
  function keeps(recorded) {
    const starts = kept === false && recorded && line;
    if (recorded === kept) return;
    kept = recorded;
    const now = document.getElementById("kept");
    const consent = document.getElementById("consent");
    consent.textContent = hall.t(recorded ? "call.consent" : "call.consent_unrecorded");
    now.textContent = hall.t(starts ? "call.recording_now" : recorded ? "call.recording" : "call.not_recorded");
    consent.dataset.kept = now.dataset.kept = recorded ? "1" : "0";
  }

  /* The token is in the part of the address that no server logs; looking at the page uses nothing up.
     Who has been in the call comes back after a reload without a second link. */
  async function begin() {
    if (!hall.canCall()) {
      root.dataset.callCannot = "1";
      say(why(window.isSecureContext ? "no_media_devices" : "not_secure"));
      return fallback();
    }
    const token = location.hash.slice(1);
    try {
      offer(await (token ? post("/join/look", { token }) : post("/join/back")));
    } catch (error) {
      say(why(error.code === "sign_in" ? "bad_link" : error.code));
      fallback();
    }
    return undefined;
  }

  function offer({ recorded, party }) {
    keeps(recorded);
    form.hidden = false;
    form.querySelector("[name=name]").required = !party;
    form.querySelector("label").hidden = Boolean(party);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      asked = event.submitter ? event.submitter.value : "join";
      if (party) connect(party);
      else enter();
    });
  }

  async function enter() {
    const name = form.querySelector("[name=name]").value.trim();
    try {
      const made = await post("/join", { token: location.hash.slice(1), name });
      history.replaceState(null, "", "/join");
      await connect(made.party);
    } catch (error) {
      say(why(error.code));
    }
  }

  async function connect(me) {
    let stream;
    try {
      stream = await hall.callMedia(asked === "join");
    } catch (error) {
      say(hall.t("call.failed", { why: why(error.code) }));
      return fallback();
    }
    form.hidden = true;
    say("");
    talk.hidden = false;
    stage = hall.callStage(document.getElementById("call-stage"));
    stage.me(me);
    stage.self(stream);
    line = new hall.CallLine({
      token: (action) => post("/join/token", { action }),
      told,
      room,
      levels: (now) => stage.levels(now),
      track: (kind, n, track) => stage.track(kind, n, track),
    });
    if (asked === "sound") line.ask({ video: 0, sound: "mix" });
    hall.call = { line: () => line, stage: () => stage };
    return line.start(stream);
  }

  function room(now) {
    if (now.recording !== null) keeps(now.recording);
    stage.room(now);
  }

  function told() {
    const { state, reason } = line;
    root.dataset.call = state;
    root.dataset.callReason = reason;
    root.dataset.callMic = line.mic ? "on" : "off";
    root.dataset.callCamera = line.hasCamera() ? (line.camera ? "on" : "off") : "";
    root.dataset.callQuality = line.quality;
    const text = { failed: () => hall.t("call.failed", { why: why(reason) }), over: () => why(reason), live: () => hall.t(line.weak ? "call.weak" : `call.line_${line.quality || "good"}`), idle: () => hall.t("call.left") };
    document.querySelector("[data-call-state]").textContent = (text[state] || (() => hall.t(`call.${state}`)))();
    const ended = state === "over" || state === "idle";
    for (const one of [document.getElementById("kept"), document.querySelector(".call-tools")]) one.hidden = ended;
    if (ended) stage.clear();
    if (state === "failed" || state === "over") fallback();
    else document.getElementById("fallback").hidden = true;
  }

  function fallback() {
    const number = document.getElementById("number");
    if (!words.phone) return;
    number.textContent = words.phone;
    number.href = `tel:${words.phone}`;
    document.getElementById("fallback").hidden = false;
  }

  const acts = {
    mic: () => line.setMic(!line.mic),
    camera: () => line.setCamera(!line.camera),
    hand: () => {
      hand = !hand;
      root.toggleAttribute("data-call-hand", hand);
      post("/join/hand", { up: hand }).catch(() => {});
    },
    pictures: () => line.ask(line.asked.video === 0 ? { video: 4, sound: "each" } : { video: 0, sound: "mix" }),
    leave: () => {
      line.stop();
      post("/join/leave").catch(() => {});
    },
  };
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-do]");
    if (button && line && acts[button.dataset.do]) acts[button.dataset.do]();
  });
  window.addEventListener("pagehide", () => line && line.stop());
})();
