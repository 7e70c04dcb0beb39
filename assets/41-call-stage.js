/* What a call looks and sounds like on a page: pictures, voices, who speaks. Told by a CallLine. */
(function () {
  "use strict";
  const hall = window.dash_clientside.hall;
  const SPEAKS = 70; // of 127

  const make = (tag, name, words) => {
    const element = document.createElement(tag);
    if (name) element.className = name;
    if (words !== undefined) element.textContent = words;
    return element;
  };

  /* place: an element that is the stage's own; own: the participant's id, once it is known. */
  hall.callStage = (place) => {
    const pictures = make("div", "call-pictures");
    const people = make("ul", "call-people");
    const sounds = make("div");
    sounds.hidden = true;
    place.replaceChildren(pictures, people, sounds);
    const slots = { audio: [], video: [] };
    let said = { people: [], slots: { audio: [], video: [] } };
    let loud = {};
    let own = null;

    function slot(kind, n) {
      if (slots[kind][n]) return slots[kind][n];
      const media = make(kind);
      Object.assign(media, { autoplay: true, playsInline: true, muted: kind === "video" });
      const one = { media };
      if (kind === "audio") sounds.append(media);
      else {
        one.tile = make("figure", "call-tile");
        one.words = make("figcaption");
        one.tile.append(media, one.words);
        one.tile.hidden = true;
        pictures.append(one.tile);
      }
      slots[kind][n] = one;
      return one;
    }

    const name = (id) => {
      const found = said.people.find((one) => one.id === id);
      return found ? found.name || id : "";
    };

    function paint() {
      said.slots.video.forEach((id, n) => {
        const { tile, words } = slot("video", n);
        tile.hidden = !id;
        words.textContent = name(id);
        tile.dataset.party = id || "";
        tile.toggleAttribute("data-speaks", Boolean(id) && id === said.speaks);
      });
      people.replaceChildren(...said.people.filter((one) => one.here || one.id === own).map(person));
    }

    function person(one) {
      const line = make("li");
      line.dataset.party = one.id;
      const level = make("i", "call-level");
      level.style.setProperty("--level", String((loud[one.id] || 0) / 127));
      line.append(level, make("b", "", one.name || one.id));
      if (one.id === own) line.append(make("span", "dim", hall.t("call.me")));
      if (one.hand) line.append(make("span", "tag", hall.t("call.hand_up")));
      if (one.id === said.through) line.append(make("span", "tag", hall.t("call.direct")));
      if (one.muted) line.append(make("span", "tag", hall.t("call.muted_by_desk")));
      line.toggleAttribute("data-speaks", (loud[one.id] || 0) > SPEAKS);
      return line;
    }

    return {
      track(kind, n, track) {
        slot(kind, n).media.srcObject = new MediaStream([track]);
        slot(kind, n).media.play().catch(() => {});
      },
      room(now) {
        said = now;
        paint();
      },
      levels(now) {
        loud = now;
        for (const line of people.children) {
          const level = loud[line.dataset.party] || 0;
          line.firstChild.style.setProperty("--level", String(level / 127));
          line.toggleAttribute("data-speaks", level > SPEAKS);
        }
      },
      me(id) {
        own = id;
      },
      self(stream) {
        const known = pictures.querySelector(".call-tile.own");
        if (known) known.remove();
        if (!stream || !stream.getVideoTracks().length) return;
        const tile = make("figure", "call-tile own");
        const media = make("video");
        Object.assign(media, { autoplay: true, playsInline: true, muted: true, srcObject: stream });
        tile.append(media, make("figcaption", "", hall.t("call.me")));
        pictures.append(tile);
      },
      clear() {
        slots.audio = [];
        slots.video = [];
        pictures.replaceChildren();
        people.replaceChildren();
        sounds.replaceChildren();
        said = { people: [], slots: { audio: [], video: [] } };
      },
      sounds: () => slots.audio.map((one) => one.media.srcObject).filter(Boolean),
    };
  };
})();
