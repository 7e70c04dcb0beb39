/* A tile: one picture with its place, its state, who looks and until when. It lies about nothing:
   what is not live is grey, hatched, and says since when; the last good picture says of what time. */
(function () {
  "use strict";
  const hall = window.dash_clientside.hall;
  const AWAY_MS = 2000; // out of sight so long, and its line is ended
  const LEAVE_MIN = 15;
  const RENEW_MS = 60000;
  const WORDS = new Set(["refused", "timeout", "unauthorized", "not_allowed", "ended", "bframes", "h265", "no_video", "failed"]);
  const SMALL = 720;
  const FACE = { black: "dark" }; // a state's name on the page, where a style sheet reads it

  const make = (tag, name, ...parts) => {
    const element = document.createElement(tag);
    element.className = name;
    element.append(...parts);
    return element;
  };
  const put = (element, words) => {
    if (element.textContent !== words) element.textContent = words;
    element.hidden = !words;
  };

  class Tile {
    /* told: called with the tile when its picture's state changed. */
    constructor(told = () => {}) {
      this.told = told;
      this.box = make("div", "cam");
      this.box.tabIndex = -1;
      this.parts = {
        place: make("div", "stage"),
        badge: make("div", "bd"),
        off: make("div", "off"),
        name: make("span", "nm"),
        note: make("span", "r"),
        leave: make("div", "leave"),
        ask: make("form", "why"),
        mark: make("div", "wm"),
        drill: make("div", "drillmark", hall.t("map.drill")),
      };
      const { place, badge, off, name, note, leave, ask, mark, drill } = this.parts;
      ask.hidden = true;
      this.box.append(place, mark, drill, badge, off, leave, ask, make("div", "cl", name, note));
      ask.addEventListener("submit", (event) => this.asked(event));
      sight.observe(this.box);
      tiles.set(this.box, this);
    }

    /* spec: {feed, sub, name, note, badge, state, reason, since, playable, small, incident, alert, watched, next}.
       watched: leave of the person here that runs already, {until, incident, reason} each. */
    set(spec) {
      const was = this.spec;
      this.spec = spec;
      this.box.dataset.feed = spec.feed;
      if (!same(was, spec)) this.turn(was);
      if (this.stream) this.stream.know(about(spec, this.stream.path));
      this.paint();
    }

    /* Another picture, or the same one for something else: that has a leave of its own. */
    turn(was) {
      if (this.stream && this.stream.feed !== this.spec.feed) this.end();
      if (!was || was.feed !== this.spec.feed) this.leave = null;
      Object.assign(this, { over: false, denied: "" });
      if (this.inSight) this.open();
    }

    /* A screen whose person needs leave asks for it; a wall shows what was chosen for it. */
    async open() {
      if (!this.spec || document.hidden || this.opening) return;
      this.opening = true;
      try {
        const may = await this.asking();
        if (may && this.inSight && !document.hidden) this.begin();
        else this.end();
      } finally {
        this.opening = false;
        this.paint();
      }
    }

    /* The answer counts for what the tile shows when it comes. */
    async asking() {
      for (;;) {
        const { spec } = this;
        const may = hall.screen === "wall" || (await this.mayLook());
        if (same(spec, this.spec)) return may;
      }
    }

    begin() {
      if (this.stream || !this.spec) return;
      this.adopt(hall.openStream(this.spec, this.box.clientWidth));
    }

    /* Takes a stream that may be running already. */
    adopt(stream) {
      this.stream = stream;
      stream.told = () => this.changed();
      this.parts.place.replaceChildren(stream.view);
      this.changed();
    }

    changed() {
      this.paint();
      this.told(this);
    }

    end() {
      if (!this.stream) return;
      this.stream.stop();
      this.stream = null;
      this.parts.place.replaceChildren();
    }

    /* The stream is let go without being ended, for another tile to take. */
    release() {
      const { stream } = this;
      this.stream = null;
      return stream;
    }

    remove() {
      this.inSight = false;
      this.end();
      sight.unobserve(this.box);
      tiles.delete(this.box);
      this.box.remove();
    }

    async mayLook() {
      const known = this.known();
      if (known && known.until > hall.now() + 1000) return true;
      const cause = this.cause();
      return Boolean(cause && !this.over && !this.denied) && this.take(cause);
    }

    /* The leave that holds longest for what the picture is watched for here. */
    known() {
      const fitting = [this.leave, ...(this.spec.watched || [])].filter((one) => one && fits(one, this.spec));
      return fitting.sort((a, b) => b.until - a.until)[0] || null;
    }

    /* What the picture is watched for, where that says itself. */
    cause() {
      const { incident, alert } = this.spec;
      return incident ? { incident } : alert ? { alert } : null;
    }

    async take(why) {
      const { spec } = this;
      const answer = await hall.send("viewing.start", { feed: spec.feed, minutes: LEAVE_MIN, ...why });
      if (answer.ok && this.spec.feed === spec.feed) this.leave = { incident: null, reason: why.alert, ...why, until: answer.body.until };
      if (!same(this.spec, spec)) return false;
      this.over = this.over && !answer.ok;
      this.denied = answer.ok ? "" : hall.reason(answer.body);
      return answer.ok;
    }

    async asked(event) {
      event.preventDefault();
      const { reason } = this.parts.ask.elements;
      const words = reason.hidden ? "" : reason.value.trim();
      if (!this.cause() && !words) return reason.focus();
      if (await this.take({ ...this.cause(), ...(words ? { reason: words } : {}) })) await this.open();
      return this.paint();
    }

    /* Once a second: ages, the leave's end, the person and the time across the picture. */
    tick(now) {
      const leave = this.spec && this.known();
      if (this.stream && leave && leave.until <= now && hall.screen !== "wall") {
        this.leave = null;
        this.over = true; // whoever goes on watching says so
        this.end();
      }
      this.paint();
    }

    state() {
      if (this.stream) return this.stream;
      const { state = "idle", since, reason = "" } = this.spec || {};
      return { state: state === "live" ? "idle" : state, since, reason, how: "" };
    }

    paint() {
      if (!this.spec) return;
      const one = this.state();
      const { state } = one;
      const now = hall.now();
      this.box.dataset.state = FACE[state] || state;
      put(this.parts.name, this.spec.name);
      put(this.parts.badge, this.badge(one, now));
      put(this.parts.note, this.note(one, now));
      put(this.parts.off, this.off(one));
      put(this.parts.leave, this.leaveText(now));
      this.box.title = this.parts.leave.textContent; // a small tile has no room for the line
      put(this.parts.mark, hall.who ? `${named(hall.who)} ${hall.clockText(now)}` : "");
      this.paintAsk();
      this.paintNext(state);
    }

    badge({ state, since, how, reason }, now) {
      const span = since ? hall.spanText(now - since) : "";
      if (state === "frozen" || state === "black") return hall.t(`cam.${state}`, { span });
      if (state === "dead") return hall.t("cam.dead_since", { at: since ? hall.clockText(since, false) : "—" });
      if (state === "opening" && reason === "no_keyframe") return hall.t("cam.waiting");
      if (how === "mjpeg" || how === "snapshot") return hall.t(`cam.${how}`);
      return this.spec.badge || "";
    }

    note({ state, latency, stillAt, how }, now) {
      if (state === "live" && how === "webrtc" && latency !== undefined) return hall.t("cam.latency", { n: (Math.max(latency, 100) / 1000).toFixed(1) });
      if (state === "live") return hall.clockText(now);
      return stillAt ? hall.clockText(stillAt) : this.spec.note || "";
    }

    off({ state, reason, stillAt }) {
      if (stillAt && state !== "refused") return "";
      if (state === "opening") return hall.t("cam.opening");
      if (state === "dead") return [hall.t("cam.dead"), WORDS.has(reason) ? hall.t(`cam.why_${reason}`) : ""].filter(Boolean).join(" · ");
      if (state === "refused") return this.denied || hall.t("cam.not_yours");
      if (!this.stream && hall.screen !== "wall") return this.inSight ? this.denied || hall.t("cam.not_watched") : "";
      return "";
    }

    leaveText(now) {
      const leave = this.known();
      if (hall.screen === "wall" || !leave || leave.until <= now) return "";
      const why = leave.incident || leave.reason;
      return hall.t("cam.leave", { who: named(hall.who), why, until: hall.clockText(leave.until, false) });
    }

    paintAsk() {
      const { ask } = this.parts;
      const needed = hall.screen !== "wall" && !this.stream && !this.opening && this.inSight && (!this.cause() || this.over || this.denied) && this.box.clientHeight > 70;
      if (needed && !ask.childElementCount) this.buildAsk();
      if (needed) ask.elements.reason.hidden = Boolean(this.cause() && !this.denied);
      ask.hidden = !needed;
    }

    buildAsk() {
      const field = Object.assign(document.createElement("input"), { name: "reason", maxLength: 120, placeholder: hall.t("cam.reason") });
      field.setAttribute("aria-label", hall.t("cam.reason"));
      const button = make("button", "btn", hall.t("cam.watch"));
      this.parts.ask.append(field, button);
    }

    /* A picture that is not to be had proposes the next one. */
    paintNext(state) {
      const { next } = this.spec;
      const wanted = hall.screen === "desk" && next && (state === "dead" || state === "frozen" || state === "black");
      if (!wanted) return this.parts.next && (this.parts.next.hidden = true);
      if (!this.parts.next) {
        this.parts.next = make("button", "btn next");
        this.parts.next.type = "button";
        this.parts.next.addEventListener("click", () => hall.tell("tile:next", { tile: this, next: this.spec.next }));
        this.box.append(this.parts.next);
      }
      this.parts.next.hidden = false;
      return put(this.parts.next, hall.t("cam.next", { name: next.name }));
    }
  }

  const named = (who) => (who && who.name ? (hall.lang === "en" ? who.name.en : who.name.zh) : "");
  const tiles = new Map();

  const same = (a, b) => Boolean(a && b) && ["feed", "incident", "alert"].every((name) => (a[name] || null) === (b[name] || null));

  /* Whether a leave says what the picture is watched for here; where nothing says so, any will do. */
  const fits = (leave, { incident, alert }) =>
    incident ? leave.incident === incident : alert ? !leave.incident && (leave.alert || leave.reason) === alert : true;

  /* Only what is in sight is opened. */
  const sight = new IntersectionObserver((entries) => {
    for (const { target, isIntersecting } of entries) {
      const tile = tiles.get(target);
      if (!tile) continue;
      tile.inSight = isIntersecting;
      clearTimeout(tile.away);
      if (isIntersecting) tile.open();
      else tile.away = setTimeout(() => !tile.inSight && tile.end(), AWAY_MS);
    }
  });

  document.addEventListener("visibilitychange", () => {
    for (const tile of tiles.values()) {
      if (document.hidden) tile.end();
      else if (tile.inSight) tile.open();
    }
  });
  hall.on("tick", (now) => {
    for (const tile of tiles.values()) tile.tick(now);
  });

  /* What the row says of the stream that is really opened: the small one lives for itself. */
  const about = (spec, path) => (spec.sub && path === spec.sub && spec.small) || spec;

  /* The small stream where the place is small. */
  hall.openStream = (spec, wide) => {
    const path = spec.sub && wide * (window.devicePixelRatio || 1) <= SMALL ? spec.sub : spec.feed;
    const stream = new hall.Stream(path, { wide: Math.max(wide, 160), known: about(spec, path), data: (said, at) => hall.tell("drone:said", { feed: spec.feed, said, at, stream }) });
    stream.feed = spec.feed;
    return stream;
  };
  hall.aboutStream = about;
  hall.Tile = Tile;
  hall.tiles = () => [...tiles.values()];
  hall.leaveMinutes = LEAVE_MIN;
  hall.leaveRenew = RENEW_MS;
})();
