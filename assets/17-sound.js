/* What must be heard: each told event once, by its level; old news does not sound.
   Level I repeats until it is acknowledged, II every 30 s, III once. Muting never silences level I. */
(function () {
  "use strict";
  const hall = window.dash_clientside.hall;
  const root = document.documentElement;
  const OLD_MS = 30000;
  const TONES = { I: [880, 660, 880, 660], II: [740, 590], III: [520] };
  const MUTE_MS = 300000;
  const DEAF_MS = 10000;
  const seen = new Set();
  let audio = null;
  let mutedUntil = 0;
  let deafSince = null;

  hall.heard = [];

  /* A browser lets a page sound only after somebody has touched it; until then the page says so. */
  function unlock() {
    if (!audio && window.AudioContext) audio = new window.AudioContext();
    if (audio && audio.state === "suspended") audio.resume();
    root.dataset.sound = "1";
    paint();
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

  /* Plays it, unless muted, and notes that it was due. */
  function sound(level, about) {
    const muted = level !== "I" && hall.now() < mutedUntil;
    hall.heard.push({ ...about, level, muted });
    if (hall.heard.length > 500) hall.heard.splice(0, 100);
    if (!muted) play(level);
  }

  const mine = (message) => !message.unit || !hall.who || !hall.who.unit || message.unit === hall.who.unit;

  hall.on("event", (message) => {
    if (seen.has(message.seq)) return;
    seen.add(message.seq);
    hall.tell("counted", message);
    hall.settle(message);
    const fresh = hall.now() - message.at < OLD_MS;
    if (!message.sound || !fresh || !mine(message)) return;
    sound(message.sound, { seq: message.seq });
    hall.ring(message.subject, message.sound);
  });

  /* A desk that has heard nothing of the centre for ten seconds says it aloud, once. */
  function deaf() {
    if (hall.screen !== "desk" || deafSince === null || performance.now() - deafSince < DEAF_MS) return;
    deafSince = null;
    sound("II", { subject: "stale" });
  }
  hall.on("stale", () => (deafSince = performance.now() - hall.age()));
  hall.on("fresh", () => (deafSince = null));
  hall.on("pulse", () => {
    for (const [subject, level] of hall.alarmsDue(hall.now())) sound(level, { subject });
    deaf();
  });

  hall.mute = () => {
    mutedUntil = hall.now() < mutedUntil ? 0 : hall.now() + MUTE_MS;
    paint();
  };

  /* The button that mutes, and what it says: not yet unlocked, on, or muted for how long. */
  function paint() {
    const place = document.querySelector("[data-mute] span");
    if (!place) return;
    const left = mutedUntil - hall.now();
    const words = !root.dataset.sound ? hall.t("sound.locked") : left > 0 ? hall.t("sound.muted", { span: hall.spanText(left) }) : hall.t("sound.mute");
    if (place.textContent !== words) place.textContent = words;
    place.parentElement.setAttribute("aria-pressed", String(left > 0));
  }
  document.addEventListener("click", (event) => event.target.closest("[data-mute]") && hall.mute());
  hall.on("tick", paint);
})();
