/* What must be heard: each told event once, by its level; old news does not sound.
   Level I repeats until it is acknowledged, II every 30 s, III once. Muting never silences level I. */
(function () {
  "use strict";
  const hall = window.dash_clientside.hall;
  const OLD_MS = 30000;
  const AGAIN_MS = { I: 2000, II: 30000 };
  const TONES = { I: [880, 660, 880, 660], II: [740, 590], III: [520] };
  const SETTLES = new Set(["AlertAcknowledged", "AlertVerified", "AlertDismissed", "AlertCancelled", "AlertMerged", "OrderAcknowledged", "OrderDeclined", "OrderCancelled"]);
  const MUTE_MS = 300000;
  const seen = new Set();
  const ringing = new Map();
  let audio = null;
  let mutedUntil = 0;

  hall.heard = [];

  function unlock() {
    if (!audio && window.AudioContext) audio = new window.AudioContext();
    if (audio && audio.state === "suspended") audio.resume();
    document.documentElement.dataset.sound = "1";
  }
  for (const name of ["pointerdown", "keydown"]) document.addEventListener(name, unlock, { passive: true });

  function play(level) {
    if (!audio || audio.state !== "running") return;
    TONES[level].forEach((pitch, n) => {
      const tone = audio.createOscillator();
      const gain = audio.createGain();
      const start = audio.currentTime + n * 0.22;
      tone.frequency.value = pitch;
      gain.gain.setValueAtTime(0.18, start);
      gain.gain.exponentialRampToValueAtTime(0.001, start + 0.2);
      tone.connect(gain).connect(audio.destination);
      tone.start(start);
      tone.stop(start + 0.2);
    });
  }

  const muted = (level) => level !== "I" && hall.now() < mutedUntil;
  hall.mute = () => {
    mutedUntil = hall.now() < mutedUntil ? 0 : hall.now() + MUTE_MS;
    hall.tell("muted", mutedUntil);
  };

  function sound(message) {
    const level = message.sound;
    hall.heard.push({ seq: message.seq, level });
    if (hall.heard.length > 500) hall.heard.splice(0, 100);
    if (!muted(level)) play(level);
    if (AGAIN_MS[level]) ringing.set(message.subject, { level, next: hall.now() + AGAIN_MS[level] });
  }

  const mine = (message) => !message.unit || !hall.who || !hall.who.unit || message.unit === hall.who.unit;

  hall.on("event", (message) => {
    if (seen.has(message.seq)) return;
    seen.add(message.seq);
    hall.tell("counted", message);
    if (SETTLES.has(message.type)) ringing.delete(message.subject);
    const fresh = hall.now() - message.at < OLD_MS;
    if (message.sound && fresh && mine(message)) sound(message);
  });

  hall.on("answered", ({ body, answer }) => {
    if (!answer.ok) return;
    for (const id of Object.values(body)) ringing.delete(id);
  });

  hall.on("tick", (now) => {
    for (const one of ringing.values()) {
      if (now < one.next) continue;
      one.next = now + AGAIN_MS[one.level];
      if (!muted(one.level)) play(one.level);
    }
  });
})();
