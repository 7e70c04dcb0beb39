/* One picture as it reaches this screen, and the truth about it: opening, live, frozen, black, dead.
   By WebRTC; where that does not come through by pictures one after the other; then by stills. */
(function () {
  "use strict";
  const hall = window.dash_clientside.hall;
  const TICK_MS = 250;
  const STATS_MS = 500;
  const FROZEN_MS = 2000; // with what comes before it and what it takes to notice, the mark stands within 3 s
  const BLACK_MS = 1500;
  const FIRST_MS = 4000; // no picture so long after the answer: the way is closed for it
  const STALLED_MS = 5000; // then the line is made anew
  const WEBRTC_AGAIN_MS = 30000;
  const STILL_MS = 1000;
  const SNAPSHOT_MS = 2000;
  const PAUSES_MS = [2000, 5000, 15000, 60000]; // the first is enough for the centre's word of what has just died
  const WIDE = 16;
  const HIGH = 12;
  const STEP = 3; // of 255: below this a part of the picture has not changed
  const DARK = 20;
  const FALL = { webrtc: "mjpeg", mjpeg: "snapshot" };
  const REFUSED = new Set([401, 403, 404]);
  const eyes = Object.assign(document.createElement("canvas"), { width: WIDE, height: HIGH }).getContext("2d", { willReadFrequently: true });
  const running = new Set();

  /* A picture as a few numbers: the brightness of its parts. */
  function look(source) {
    eyes.drawImage(source, 0, 0, WIDE, HIGH);
    const { data } = eyes.getImageData(0, 0, WIDE, HIGH);
    const parts = new Uint8Array(WIDE * HIGH);
    for (let n = 0; n < parts.length; n += 1) parts[n] = (data[4 * n] * 3 + data[4 * n + 1] * 6 + data[4 * n + 2]) / 10;
    return parts;
  }
  /* The centre knows that nobody gets a picture of it now: whoever asks is only refused. */
  const gone = ({ state, reason, playable }) =>
    state === "dead" || state === "unknown" || (state === "idle" && playable === false) || (state === "frozen" && reason === "no_packets");
  const moved = (a, b) => !a || a.some((value, n) => Math.abs(value - b[n]) >= STEP);
  const dark = (parts) => parts.every((value) => value < DARK);

  const make = (tag, name, more = {}) => Object.assign(document.createElement(tag), { className: name, ...more });

  class Stream {
    /* wide: pixels that the picture has here; told: called when anything changed; known: what the
       centre says of the source, {state, reason, since, playable}. */
    constructor(path, { wide = 640, told = () => {}, data = null, known = {} } = {}) {
      Object.assign(this, { path, wide, told, data, known, how: "webrtc", state: "opening", since: hall.now(), reason: "" });
      this.madeAt = performance.now();
      this.view = make("div", "feed");
      this.video = make("video", "", { muted: true, autoplay: true, playsInline: true, disablePictureInPicture: true });
      this.video.dataset.whep = path;
      this.image = make("img", "", { alt: "", hidden: true });
      this.still = make("canvas", "", { hidden: true });
      this.view.append(this.video, this.image, this.still);
      this.image.addEventListener("error", () => this.how !== "webrtc" && this.fall());
      this.failures = 0;
      running.add(this);
      this.start();
    }

    start() {
      Object.assign(this, { session: null, packets: -1, packetAt: 0, changedAt: 0, darkSince: 0, parts: null, seen: false });
      this.startedAt = performance.now();
      this.pausing = false;
      this.waits = gone(this.known);
      if (this.waits) return this.absent();
      this.video.hidden = this.how !== "webrtc";
      this.image.hidden = this.how === "webrtc";
      return this.how === "webrtc" ? this.dial() : this.fetchPicture();
    }

    /* What the centre says of the source now; once there are pictures again they are asked for. */
    know(known) {
      const back = gone(this.known) && !gone(known);
      this.known = known;
      if (back && this.session) this.packetAt = performance.now(); // its own packets are on their way
      if (!back || !(this.waits || this.pausing)) return;
      clearTimeout(this.timer);
      this.failures = 0;
      this.start();
    }

    /* Nothing is asked for; only what nobody has said a word of yet may still be on its way. */
    absent() {
      this.how = "webrtc";
      const { state, reason, since } = this.known;
      if (state === "unknown" && performance.now() - this.madeAt < FIRST_MS) return this.become("opening");
      this.become("dead", reason);
      if (since) this.since = since;
      return undefined;
    }

    async dial() {
      const attempt = (this.attempt = {});
      const mine = () => this.attempt === attempt && running.has(this);
      try {
        const session = await hall.whep(this.path, {
          track: (stream) => mine() && this.show(stream),
          state: (word) => mine() && word === "failed" && this.again("connection"),
          data: this.data,
        });
        if (!mine()) return session.close();
        this.session = session;
        this.startedAt = this.packetAt = performance.now();
      } catch (error) {
        if (mine()) this.refused(error);
      }
      return undefined;
    }

    show(stream) {
      this.video.srcObject = stream;
      this.video.play().catch(() => {});
    }

    /* What the server says no to is dead, not ours to see, or to be had another way. */
    refused({ status, code, detail }) {
      if (code === "codec" || code === "not_playable") return this.fall(detail || code);
      const reason = detail || code || String(status);
      this.become(REFUSED.has(status) ? "refused" : "dead", reason);
      return this.later();
    }

    again(reason) {
      this.drop();
      if (!this.seen) this.fall(reason);
      else this.later();
    }

    later() {
      const pause = PAUSES_MS[Math.min(this.failures, PAUSES_MS.length - 1)];
      this.failures += 1;
      this.attempt = null;
      this.pausing = true;
      clearTimeout(this.timer);
      this.timer = setTimeout(() => running.has(this) && this.start(), pause);
    }

    fall(reason) {
      const next = FALL[this.how];
      this.drop();
      if (gone(this.known)) return this.start();
      if (!next) {
        this.become("dead", reason || "no_picture");
        this.how = "webrtc";
        return this.later();
      }
      this.how = next;
      this.fellAt = performance.now();
      return this.start();
    }

    fetchPicture() {
      const wide = this.wide > 700 ? 960 : 640;
      const query = this.how === "snapshot" ? `?width=${wide}&at=${Math.round(hall.now())}` : `?width=${wide}`;
      this.image.src = `/media/${this.how}/${this.path}${query}`;
      this.fetchedAt = performance.now();
    }

    drop() {
      this.attempt = null;
      if (this.session) this.session.close();
      this.session = null;
      this.image.removeAttribute("src");
    }

    stop() {
      running.delete(this);
      clearTimeout(this.timer);
      this.drop();
      this.video.srcObject = null;
    }

    become(state, reason = "") {
      if (state === this.state && reason === this.reason) return;
      if (state !== this.state) this.since = state === "frozen" ? this.onServer(this.changedAt) : hall.now();
      Object.assign(this, { state, reason });
      this.view.dataset.state = state;
      this.still.hidden = state === "live" || state === "opening" || !this.stillAt;
      this.told(this);
    }
    onServer(at) {
      return Math.round(hall.now() - (performance.now() - at));
    }

    source() {
      const one = this.how === "webrtc" ? this.video : this.image;
      const there = this.how === "webrtc" ? one.readyState >= 2 && one.videoWidth : one.complete && one.naturalWidth;
      return there ? one : null;
    }

    async measure(now) {
      if (!this.session || now - (this.measuredAt || 0) < STATS_MS) return;
      this.measuredAt = now;
      const stats = await this.session.stats().catch(() => null);
      if (!stats || !this.session) return;
      if (stats.packets > this.packets && stats.packets > 0) this.packetAt = performance.now();
      this.packets = stats.packets;
      if (stats.latency !== null) this.latency = stats.latency;
      this.told(this);
    }

    see(now) {
      const source = this.source();
      if (!source) return;
      const parts = look(source);
      if (moved(this.parts, parts)) {
        this.parts = parts;
        this.changedAt = now;
      }
      this.darkSince = dark(parts) ? this.darkSince || now : 0;
      this.seen = true;
      if (this.state === "live" && now - (this.stilledAt || 0) > STILL_MS) this.keep(source, now);
    }

    /* The last picture that was good, for when there is none. */
    keep(source, now) {
      const ratio = (source.videoHeight || source.naturalHeight) / (source.videoWidth || source.naturalWidth);
      const width = Math.min(this.wide, 640);
      if (this.still.width !== width) Object.assign(this.still, { width, height: Math.round(width * ratio) });
      this.still.getContext("2d").drawImage(source, 0, 0, this.still.width, this.still.height);
      this.stilledAt = now;
      this.stillAt = hall.now();
    }

    judge(now) {
      if (!this.seen) return now - this.startedAt > FIRST_MS && this.unseen();
      const quiet = this.how === "webrtc" && this.session && now - this.packetAt > FROZEN_MS;
      const patience = this.how === "webrtc" ? FROZEN_MS : FROZEN_MS + SNAPSHOT_MS;
      if (quiet && gone(this.known)) return this.become("dead", this.known.reason); // its line stays: it may come back
      if (quiet) return this.become("frozen", "no_packets");
      if (this.darkSince && now - this.darkSince > BLACK_MS) return this.become("black");
      if (now - this.changedAt > patience) return this.become("frozen", "same_picture");
      this.failures = 0;
      return this.become("live");
    }

    unseen() {
      if (this.how === "webrtc" && !this.session) return undefined; // still being answered
      if (this.how === "webrtc" && this.packets > 0) return this.become("opening", "no_keyframe");
      return this.fall("no_packets");
    }

    tick(now) {
      if (this.waits) return this.absent();
      this.measure(now);
      if (!this.attempt && this.how === "webrtc") return undefined;
      this.see(now);
      this.judge(now);
      if (this.how === "snapshot" && now - this.fetchedAt > SNAPSHOT_MS) this.fetchPicture();
      if (this.how !== "webrtc" && now - this.fellAt > WEBRTC_AGAIN_MS) this.retry();
      const stalled = this.state === "frozen" && this.reason === "no_packets" && now - this.packetAt > STALLED_MS;
      return stalled && this.session && this.again("no_packets");
    }

    retry() {
      this.drop();
      this.how = "webrtc";
      this.start();
    }
  }

  setInterval(() => {
    const now = performance.now();
    for (const stream of [...running]) stream.tick(now);
  }, TICK_MS);
  window.addEventListener("pagehide", () => {
    for (const stream of [...running]) stream.stop();
  });

  hall.Stream = Stream;
  hall.streams = () => [...running];
})();
