/* The wall's places: the server chooses, this screen makes it so. One more picture is kept running
   out of sight: a place whose picture dies has it at once. */
(function () {
  "use strict";
  const hall = window.dash_clientside.hall;
  const DYING_MS = 1200; // out of three seconds; the spare is running already
  const KEEP_MS = 30000; // as long stays what this screen chose against the server's word
  const BAD = new Set(["frozen", "black", "dead", "refused"]);

  class Wall {
    constructor(box) {
      this.box = box;
      this.places = new Map();
      this.spares = [];
    }

    set(rows) {
      const wanted = rows.filter((row) => row.slot > 0);
      this.spares = rows.filter((row) => row.slot === 0);
      this.box.dataset.cells = String((wanted[0] && wanted[0].cells) || 4);
      for (const [slot, place] of this.places) {
        if (wanted.some((row) => row.slot === slot)) continue;
        place.tile.remove();
        this.places.delete(slot);
      }
      for (const row of wanted) this.fill(row);
      this.warm();
    }

    fill(row) {
      let place = this.places.get(row.slot);
      if (!place) {
        place = { tile: new hall.Tile((tile) => this.check(tile)) };
        this.places.set(row.slot, place);
        place.tile.box.style.order = row.slot;
        this.box.append(place.tile.box);
      }
      place.row = row;
      if (place.own && (place.own.feed === row.feed || performance.now() - place.ownAt > KEEP_MS)) place.own = null;
      this.give(place, place.own || row);
    }

    /* What is running out of sight is taken over, not opened again. */
    give(place, row) {
      const { tile } = place;
      if (this.spare && this.spare.feed === row.feed && (!tile.spec || tile.spec.feed !== row.feed)) {
        const { spare } = this;
        this.spare = null; // before it is taken: taking it asks at once whether it is any good
        tile.end();
        tile.adopt(spare);
      }
      tile.set(row);
    }

    check(tile) {
      const place = [...this.places.values()].find((one) => one.tile === tile);
      if (!place || !this.bad(tile)) return;
      if (place.row.why === "pushed" && !place.own) return; // a person put it there
      this.replace(place);
    }

    bad({ stream }) {
      return stream && (BAD.has(stream.state) || this.quiet(stream));
    }
    quiet(stream) {
      return stream.how === "webrtc" && stream.state === "live" && stream.packetAt > 0 && performance.now() - stream.packetAt > DYING_MS;
    }

    replace(place) {
      if (!this.spare || this.spare.state !== "live") return;
      const row = this.spares.find((one) => one.feed === this.spare.feed);
      if (!row) return;
      const failed = place.tile.spec;
      place.own = { ...row, slot: place.row.slot, cells: place.row.cells, badge: hall.t("cam.instead", { name: failed.name }) };
      place.ownAt = performance.now();
      this.give(place, place.own);
      hall.tell("wall:replaced", { slot: place.row.slot, from: failed.feed, to: row.feed, at: hall.now() });
      this.warm();
    }

    /* The first spare that is on no place runs out of sight. */
    warm() {
      const shown = new Set([...this.places.values()].map(({ tile }) => tile.spec && tile.spec.feed));
      const next = this.visible() && this.spares.find((row) => !shown.has(row.feed));
      if (this.spare && next && this.spare.feed === next.feed) return void this.spare.know(hall.aboutStream(next, this.spare.path));
      if (this.spare) this.spare.stop();
      this.spare = next ? hall.openStream(next, 320) : null;
    }
    visible() {
      return !document.hidden && [...this.places.values()].some(({ tile }) => tile.inSight);
    }

    tick() {
      for (const { tile } of this.places.values()) this.check(tile);
      if (Boolean(this.spare) !== Boolean(this.visible() && this.spares.length)) this.warm();
    }
  }

  const walls = [];
  setInterval(() => walls.forEach((wall) => wall.tick()), 250);

  function adopt() {
    for (const box of document.querySelectorAll("[data-wall-video]:not([data-ready])")) {
      box.dataset.ready = "1";
      const wall = new Wall(box);
      walls.push(wall);
      hall.sinks[box.id] = wall;
      document.dispatchEvent(new CustomEvent("hall:sink", { detail: box.id }));
    }
  }
  Promise.all([hall.ready, hall.words]).then(() => {
    adopt();
    new MutationObserver(adopt).observe(document.getElementById("screen"), { childList: true, subtree: true });
  });
  hall.walls = walls;
})();
