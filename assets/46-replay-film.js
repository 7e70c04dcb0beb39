/* One recorded line on the stage: the file of the moment, held to the replay's clock; where there is
   nothing to show, that is what it says. */
(function () {
  "use strict";
  const hall = window.dash_clientside.hall;
  const OFF_S = 0.25; // further from the clock than this, it is set anew
  const PATIENCE_MS = 4000; // so long the clock waits for one that loads
  const END_S = 0.04;

  const make = (tag, name) => Object.assign(document.createElement(tag), { className: name });
  const put = (element, words) => {
    if (element.textContent !== words) element.textContent = words;
    element.hidden = !words;
  };

  hall.ReplayFilm = class {
    constructor(line) {
      this.line = line;
      this.box = make("div", "cam re-film");
      this.box.dataset.line = line.id;
      this.video = Object.assign(make("video", ""), { playsInline: true, preload: "auto" });
      this.parts = { off: make("div", "off"), mark: make("div", "wm"), drill: make("div", "drillmark"), badge: make("div", "bd"), note: make("span", "r"), name: make("span", "nm") };
      const { off, mark, drill, badge, note, name } = this.parts;
      const foot = make("div", "cl");
      foot.append(name, note);
      this.box.append(this.video, mark, drill, badge, off, foot);
      drill.textContent = hall.t("map.drill");
      badge.textContent = hall.t("replay.not_live");
      this.video.addEventListener("error", () => this.video.getAttribute("src") && (this.broken = true));
      for (const came of ["loadeddata", "seeked", "canplay", "error"]) this.video.addEventListener(came, () => this.again());
    }

    /* Shows the moment `time` (ms UTC); running: at `rate`, or standing still. */
    show(time, running, rate, muted) {
      const now = hall.replayLine.at(this.line, time);
      [this.now, this.time] = [now, time];
      this.take(now.clip);
      if (now.clip && !this.broken) this.hold(now.seconds, running, rate, muted);
      this.paint(now, time);
    }

    take(clip) {
      const src = clip ? clip.src : null;
      if (this.src === src) return;
      this.src = src;
      this.broken = false;
      this.since = performance.now();
      this.video.pause();
      if (src) this.video.src = src;
      else this.video.removeAttribute("src");
      this.video.load();
    }

    /* The element plays by itself and is corrected when it strays; after its last frame it stands. */
    hold(seconds, running, rate, muted) {
      const { video } = this;
      const last = Number.isFinite(video.duration) ? video.duration - END_S : Infinity;
      const wanted = Math.max(0, Math.min(seconds, last));
      if (video.muted !== muted) video.muted = muted;
      if (video.playbackRate !== rate) video.playbackRate = rate;
      const over = running && seconds < last ? OFF_S * Math.max(1, rate) : 0.001;
      if (!video.seeking && Math.abs(video.currentTime - wanted) > over) {
        video.currentTime = wanted;
        this.since = performance.now();
      }
      const plays = running && seconds < last;
      if (plays && video.paused) video.play().catch(() => {});
      if (!plays && !video.paused) video.pause();
    }

    /* Whether the clock should wait for it. */
    get busy() {
      if (!this.src || this.broken) return false;
      return (this.video.seeking || this.video.readyState < 2) && performance.now() - this.since < PATIENCE_MS;
    }

    /* A picture may come, or fail, after the clock has stopped waiting for it. */
    again() {
      if (this.src) this.paint(this.now, this.time);
    }

    paint(now, time) {
      const { off, mark, note, name } = this.parts;
      const loading = now.clip && (this.video.readyState < 2 || this.video.seeking) ? hall.t("replay.loading") : "";
      const broken = this.broken ? hall.t("replay.broken") : "";
      put(off, now.hole || broken);
      this.box.dataset.state = now.hole ? "missing" : broken ? "dead" : "kept";
      put(name, this.line.name);
      put(note, [hall.clockText(time), now.clip && !now.seen ? hall.t("replay.sound_only") : "", now.silent, now.hole ? "" : loading].filter(Boolean).join(" · "));
      const who = hall.who && hall.who.name;
      put(mark, who ? `${who[hall.lang] || who.zh} ${hall.clockText(hall.now())}` : "");
    }

    end() {
      this.take(null);
      this.box.remove();
    }
  };
})();
