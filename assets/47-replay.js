/* The desk's replay: one clock for everything that was recorded of an incident, its log beside it.
   Buttons say data-do="replay" data-step="play|back|on|before|next|rate|mute|to". */
(function () {
  "use strict";
  const hall = window.dash_clientside.hall;
  const root = document.documentElement;
  const { desk } = hall;
  if (!desk) return;
  const VIEW = "replay";
  const STEP_MS = 10000;
  const films = new Map();
  let lines = [];
  let span = { from: 0, to: 0 };
  let time = 0;
  let [running, rate, muted] = [false, 1, false];
  let [ticking, last, chosen] = [0, 0, ""];

  const find = (id) => document.getElementById(`replay-${id}`);
  const open = () => root.dataset.view === VIEW;
  const clamp = (at) => Math.min(span.to, Math.max(span.from, at));
  const entries = () => desk.all("#replay-log [data-at]");

  /* What there is to play */
  hall.sinks["replay-tracks"] = {
    set(rows) {
      const sorted = [...rows].sort((a, b) => (a.rank < b.rank ? -1 : 1));
      const about = sorted.find((row) => row.id === "span");
      lines = sorted.filter((row) => row.id !== "span");
      span = about || { from: 0, to: 0 };
      for (const [id, film] of films) if (!about || !lines.some((line) => line.id === id)) forget(id, film);
      if (!span.from) time = 0;
      else time = time ? clamp(time) : firstPicture();
      for (const line of lines) stand(line);
      paintLines();
      show();
    },
  };
  const firstPicture = () => Math.min(...lines.map((line) => line.clips[0].from), span.to);

  function stand(line) {
    const known = films.get(line.id);
    if (known) return void (known.line = line);
    films.set(line.id, new hall.ReplayFilm(line));
    return find("stage").append(films.get(line.id).box);
  }
  function forget(id, film) {
    film.end();
    films.delete(id);
  }

  /* The clock: it runs by the page's own, and waits for a picture that is loading. */
  function tick(now) {
    ticking = 0;
    if (!open()) return stop();
    const waits = [...films.values()].some((film) => film.busy);
    if (running && !waits) time = clamp(time + (now - last) * rate);
    last = now;
    if (running && time >= span.to) running = false;
    show();
    return undefined;
  }
  function again() {
    const busy = running || [...films.values()].some((film) => film.busy);
    if (!ticking && open() && busy) ticking = requestAnimationFrame(tick);
  }
  function stop() {
    running = false;
    for (const film of films.values()) film.take(null);
  }

  function show() {
    if (!find("stage") || !open()) return;
    for (const film of films.values()) film.show(time, running, rate, muted);
    paint();
    hall.replayKnown.show(chosen, time);
    again();
  }
  const text = (id, words) => find(id).textContent !== words && (find(id).textContent = words);

  function paint() {
    text("clock", time ? `${hall.dateText(time)} ${hall.clockText(time)}` : "");
    const slide = slider();
    Object.assign(slide, { min: span.from, max: span.to, value: time });
    slide.setAttribute("aria-valuetext", hall.clockText(time));
    find("lines").style.setProperty("--at", share(time));
    const panel = find("stage").closest("[data-panel]");
    panel.dataset.running = running ? "1" : "0";
    for (const one of desk.all("[data-rate]", panel)) desk.mark(one, "on", Number(one.dataset.rate) === rate);
    desk.mark(panel.querySelector("[data-step='mute']"), "on", muted);
    for (const entry of entries()) desk.mark(entry, "later", Number(entry.dataset.at) > time);
  }
  const share = (at) => String(span.to > span.from ? (at - span.from) / (span.to - span.from) : 0);

  function slider() {
    const known = find("slide").firstChild;
    if (known) return known;
    const made = Object.assign(document.createElement("input"), { type: "range", id: "replay-at", step: 100 });
    made.setAttribute("aria-label", hall.t("replay.at"));
    made.addEventListener("input", () => go(Number(made.value)));
    find("slide").append(made);
    return made;
  }

  /* One bar for each line: its files, and hatched what is missing in them. */
  function paintLines() {
    const bar = (name, one, words) => {
      const made = Object.assign(document.createElement("span"), { className: name, title: words });
      made.style.setProperty("--from", share(one.from));
      made.style.setProperty("--to", share(one.to));
      if (name === "hole") made.textContent = words;
      return made;
    };
    find("lines").replaceChildren(
      ...lines.map((line) => {
        const row = Object.assign(document.createElement("div"), { className: "re-line" });
        const name = Object.assign(document.createElement("b"), { textContent: line.name });
        const place = Object.assign(document.createElement("div"), { className: "re-track" });
        const clips = line.clips.map((clip) => bar("clip", clip, `${hall.clockText(clip.from)}–${hall.clockText(clip.to)}`));
        place.append(...clips, ...hall.replayLine.holes(line).map((hole) => bar("hole", hole, hole.words)));
        row.append(name, place);
        return row;
      }),
    );
  }

  /* Hands */
  function go(at) {
    time = span.from ? clamp(at) : 0;
    last = performance.now();
    show();
  }
  function entry(way) {
    const times = entries().map((one) => Number(one.dataset.at));
    const found = way > 0 ? times.filter((at) => at > time)[0] : times.filter((at) => at < time - 500).pop();
    if (found !== undefined) go(found);
  }
  const steps = {
    play: () => {
      if (!running && time >= span.to) time = span.from;
      running = !running && span.to > span.from;
      go(time);
    },
    back: () => go(time - STEP_MS),
    on: () => go(time + STEP_MS),
    before: () => entry(-1),
    next: () => entry(1),
    rate: (button) => ((rate = Number(button.dataset.rate)), go(time)),
    mute: () => ((muted = !muted), go(time)),
    to: (button) => go(Number(button.dataset.at)),
  };
  desk.verbs.replay = (button) => steps[button.dataset.step](button);

  const KEYS = { " ": "play", ArrowLeft: "back", ArrowRight: "on", "[": "before", "]": "next" };
  document.addEventListener(
    "keydown",
    (event) => {
      const step = KEYS[event.key];
      const active = document.activeElement;
      const other = active.id !== "replay-at" && (desk.typing(active) || active.matches("select") || (event.key === " " && active.matches("button, a, summary")));
      if (!step || !open() || other || event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      if (!event.repeat || step !== "play") steps[step]();
    },
    true,
  );

  /* Which incident: the chosen one, or any other of which something is kept. */
  async function choices() {
    const answer = await fetch("/api/v1/pictures/recordings", { credentials: "same-origin" }).catch(() => null);
    const kept = answer && answer.ok ? (await answer.json()).picture.recordings : [];
    const ids = [...new Set([hall.selection.incident, chosen, ...kept.map((one) => one.incident)].filter(Boolean))];
    const list = document.createElement("select");
    list.setAttribute("aria-label", hall.t("replay.pick"));
    list.append(...["", ...ids].map((id) => new Option(id, id, id === chosen, id === chosen)));
    list.addEventListener("change", () => choose(list.value));
    find("of").replaceChildren(list);
  }
  function choose(id) {
    if (chosen !== id) [time, running] = [0, false];
    chosen = id;
    hall.replayKnown.show(chosen, time);
    if (id) hall.open("replay", id);
  }
  function follow() {
    if (!open()) {
      stop();
      return hall.open("replay", "");
    }
    choose(chosen || hall.selection.incident || "");
    show();
    return choices();
  }
  hall.ready.then(() => {
    let was = "";
    new MutationObserver(() => {
      if (root.dataset.view === was) return;
      was = root.dataset.view;
      follow();
    }).observe(root, { attributes: true, attributeFilter: ["data-view"] });
    if (new URLSearchParams(location.search).get("view") === VIEW) setTimeout(() => desk.view(VIEW));
  });
  document.addEventListener("hall:painted", (event) => event.detail === "replay-log" && open() && paint());
  hall.replay = { time: () => time, go, films };
})();
