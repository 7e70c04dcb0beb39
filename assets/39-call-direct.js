/* Two who are alone in a call: a line of their own beside the room's, by which the room passes on
   what describes it. While it stands nothing is sent to the room; the room's line takes over at once
   when a third comes, when somebody is muted, or when the direct line is lost. */
(function () {
  "use strict";
  const hall = ((window.dash_clientside = window.dash_clientside || {}).hall = window.dash_clientside.hall || {});
  const UP_MS = 5000; // not up by then: the two have no way to each other, and the room goes on
  const LOUDEST = 127;

  class Direct {
    constructor(line) {
      Object.assign(this, { line, other: "", peer: null, up: false, tracks: {}, early: [] });
    }

    /* said: {other, calls} as the room says it; anything else ends the direct line. */
    pair(said) {
      const other = said ? said.other : "";
      if (other === this.other) return;
      this.end();
      this.other = other;
      if (said) this.begin(said.calls).catch(() => this.end());
    }

    async begin(calls) {
      const peer = (this.peer = new RTCPeerConnection({ iceServers: [] }));
      peer.addEventListener("icecandidate", ({ candidate }) => candidate && this.say({ candidate }));
      peer.addEventListener("track", ({ track }) => this.comes(track));
      peer.addEventListener("connectionstatechange", () => this.changed(peer));
      this.timer = setTimeout(() => this.peer === peer && !this.up && this.end(), UP_MS);
      if (!calls) return;
      for (const kind of ["audio", "video"]) {
        const [track] = this.own().filter((one) => one.kind === kind);
        peer.addTransceiver(track || kind, { direction: track ? "sendrecv" : "recvonly" });
      }
      await peer.setLocalDescription();
      this.say({ description: peer.localDescription });
    }

    /* A picture is there from its first packet, and gone while the other's camera is off. */
    comes(track) {
      this.tracks[track.kind] = track;
      for (const name of ["mute", "unmute"]) track.addEventListener(name, () => this.up && this.line.seat(this.line.said));
    }

    own() {
      return this.line.stream ? this.line.stream.getTracks() : [];
    }

    say(signal) {
      const { channel } = this.line;
      if (channel && channel.readyState === "open") channel.send(JSON.stringify({ signal }));
    }

    async heard(signal) {
      const { peer } = this;
      if (!peer) return;
      try {
        if (signal.description) await this.described(peer, signal.description);
        else if (signal.candidate && peer.remoteDescription) await peer.addIceCandidate(signal.candidate);
        else if (signal.candidate) this.early.push(signal.candidate);
      } catch {
        if (this.peer === peer) this.end();
      }
    }

    async described(peer, description) {
      await peer.setRemoteDescription(description);
      if (description.type === "offer") {
        for (const track of this.own()) peer.addTrack(track);
        await peer.setLocalDescription();
        this.say({ description: peer.localDescription });
      }
      for (const one of this.early.splice(0)) await peer.addIceCandidate(one);
    }

    changed(peer) {
      if (this.peer !== peer) return;
      if (peer.connectionState === "connected") this.stands();
      else if (["disconnected", "failed", "closed"].includes(peer.connectionState)) this.end();
    }

    stands() {
      this.up = true;
      for (const [kind, track] of Object.entries(this.tracks)) this.line.track(kind, 0, track);
      this.line.carry(false);
      this.line.seat(this.line.said);
    }

    /* The room's own sounds and pictures come back into their places. */
    end() {
      clearTimeout(this.timer);
      const { peer, up } = this;
      Object.assign(this, { peer: null, up: false, tracks: {}, early: [] });
      if (peer) peer.close();
      if (!up) return;
      this.line.carry(true);
      for (const [kind, tracks] of Object.entries(this.line.tracks)) if (tracks[0]) this.line.track(kind, 0, tracks[0]);
      this.line.room(this.line.said);
    }

    /* What the room says, with the other in the first place while the direct line stands. */
    seats(said) {
      if (!this.up) return said;
      const first = (ids, id) => ids.map((_, n) => (n === 0 ? id : null));
      const { audio, video } = said.slots;
      const shows = this.tracks.video && !this.tracks.video.muted;
      return { ...said, through: this.other, slots: { audio: first(audio, this.other), video: first(video, shows ? this.other : null) } };
    }

    levels(known) {
      const source = this.up && this.peer.getReceivers().find((one) => one.track.kind === "audio");
      const [heard] = source ? source.getSynchronizationSources() : [];
      if (!heard || !heard.audioLevel) return known;
      return { ...known, [this.other]: Math.max(0, LOUDEST + 20 * Math.log10(heard.audioLevel)) };
    }
  }

  hall.callDirect = (line) => new Direct(line);
})();
