/* One participant's line into a call: sends by WHIP, receives by WHEP, comes back by itself.
   It knows no page: `new hall.CallLine({token, told, room, levels, track})` and its verbs.
   token(action): gives {token, url, ice_servers}, or throws {status, code}. */
(function () {
  "use strict";
  const hall = ((window.dash_clientside = window.dash_clientside || {}).hall = window.dash_clientside.hall || {});
  const SOUNDS = 4;
  const PICTURES = 4;
  const GATHER_MS = 300;
  const RELAY_MS = 2000; // a relay that is set up may be the only way through: it is waited for
  const FAIL_MS = 7000; // then it is said why, and whom to telephone
  const CONNECT_MS = 8000; // an answered line that does not connect is made anew
  const LOST_MS = 2000; // a line that is "disconnected" for longer is made anew
  const QUIET_MS = 1500; // the far end speaks twice a second: three of its words have not come
  const LISTEN_MS = 300;
  const FORGOTTEN = new Set([404, 503]);
  const PAUSES_MS = [300, 500, 500, 700, 1000, 1500, 3000];
  const STATS_MS = 2000;
  const SMALL = { width: { ideal: 320 }, height: { ideal: 240 }, frameRate: { ideal: 15, max: 15 } };
  const PICTURE_BITS = 250000;
  const WEAK_BITS = 120000;
  const LOSSY = 0.1;
  const LEAKY = 0.03; // an estimate of the line counts only while something is lost as well
  const GONE = new Set([401, 403, 404, 409]);

  const wait = (ms) => new Promise((then) => setTimeout(then, ms));
  const fault = (code, status = 0) => Object.assign(new Error(code), { code, status });

  /* Until the offer holds what the other side needs: hardly our own addresses, but a relay's. */
  hall.gathered = (peer) => {
    if (peer.iceGatheringState === "complete") return Promise.resolve();
    return new Promise((then) => {
      peer.addEventListener("icegatheringstatechange", () => peer.iceGatheringState === "complete" && then());
      peer.addEventListener("icecandidate", ({ candidate }) => candidate && candidate.type === "relay" && then());
      setTimeout(then, (peer.getConfiguration().iceServers || []).length ? RELAY_MS : GATHER_MS);
    });
  };

  /* Microphone first; a camera that is missing or refused does not keep anybody out. */
  hall.callMedia = async (picture) => {
    if (!navigator.mediaDevices || !navigator.mediaDevices.getUserMedia) throw fault("no_media_devices");
    const sound = { echoCancellation: true, noiseSuppression: true, autoGainControl: true };
    if (picture) {
      try {
        return await navigator.mediaDevices.getUserMedia({ audio: sound, video: SMALL });
      } catch (error) {
        if (error.name === "SecurityError") throw fault("no_permission");
      }
    }
    try {
      return await navigator.mediaDevices.getUserMedia({ audio: sound });
    } catch (error) {
      throw fault(error.name === "NotFoundError" ? "no_microphone" : "no_permission");
    }
  };

  hall.canCall = () => Boolean(window.RTCPeerConnection && navigator.mediaDevices && navigator.mediaDevices.getUserMedia);

  class CallLine {
    constructor(given) {
      Object.assign(this, { told: () => {}, room: () => {}, levels: () => {}, track: () => {}, ...given });
      Object.assign(this, { state: "idle", reason: "", quality: "", weak: false, tries: 0, asked: {}, camera: true, mic: true });
      this.attempt = null;
      this.tracks = { audio: [], video: [] };
      this.direct = hall.callDirect ? hall.callDirect(this) : null;
      if (this.direct) this.asked.direct = true;
    }

    /* stream: what to send; none to listen only. */
    start(stream) {
      this.stream = stream || null;
      this.on = true;
      clearInterval(this.watch);
      clearInterval(this.ear);
      this.watch = setInterval(() => this.measure(), STATS_MS);
      this.ear = setInterval(() => this.listen(), LISTEN_MS);
      this.become("joining");
      this.arm();
      this.dial();
    }

    /* Within this time it works, or says why not; behind the words it goes on trying. */
    arm() {
      clearTimeout(this.failing);
      this.stage = "no_answer";
      this.failing = setTimeout(() => this.on && this.state !== "live" && this.become("failed", this.stage), FAIL_MS);
    }

    stop() {
      this.quit("idle");
    }

    /* However it ends, microphone and camera are given back. */
    quit(state, reason) {
      this.on = false;
      clearInterval(this.watch);
      clearInterval(this.ear);
      clearTimeout(this.failing);
      this.drop();
      if (this.stream) for (const track of this.stream.getTracks()) track.stop();
      this.become(state, reason);
    }

    setMic(on) {
      this.mic = on;
      if (this.stream) for (const track of this.stream.getAudioTracks()) track.enabled = on;
      this.told(this);
    }

    /* Off means that nothing is sent: the line is free for voices, and the camera's light goes out. */
    async setCamera(on) {
      this.camera = on;
      const track = this.stream && this.stream.getVideoTracks()[0];
      if (track) track.enabled = on;
      if (this.picture) await this.picture.replaceTrack(this.toRoom("video")).catch(() => {});
      this.told(this);
    }

    /* What the room is sent: nothing while two speak directly, no picture on a weak line. */
    toRoom(kind) {
      const track = this.stream && this.stream.getTracks().find((one) => one.kind === kind);
      const off = kind === "video" && (!this.camera || this.weak);
      return this.aside || off ? null : track;
    }

    async carry(on) {
      this.aside = !on;
      const carriers = { audio: this.sound, video: this.picture };
      for (const [kind, sender] of Object.entries(carriers)) if (sender) await sender.replaceTrack(this.toRoom(kind) || null).catch(() => {});
    }

    hasCamera() {
      return Boolean(this.stream && this.stream.getVideoTracks().length);
    }

    /* {video: 0..4, sound: "each" or "mix"}: what to receive. */
    ask(wish) {
      Object.assign(this.asked, wish);
      if (this.channel && this.channel.readyState === "open") this.channel.send(JSON.stringify(this.asked));
    }

    become(state, reason = "") {
      if (state === this.state && reason === this.reason) return;
      Object.assign(this, { state, reason });
      this.told(this);
    }

    async dial() {
      const attempt = (this.attempt = { peers: [], places: [] });
      const mine = () => this.on && this.attempt === attempt;
      try {
        await Promise.all([this.receive(attempt), this.stream ? this.send(attempt) : null]);
        if (mine()) this.stage = "no_way"; // answered, but nothing comes through: a firewall
        setTimeout(() => mine() && this.state !== "live" && this.lost(attempt), CONNECT_MS);
      } catch (error) {
        if (mine()) this.refused(error);
      }
    }

    async meet(attempt, action, peer) {
      const leave = await this.token(action);
      if (leave.ice_servers && leave.ice_servers.length) peer.setConfiguration({ iceServers: leave.ice_servers });
      await peer.setLocalDescription(await peer.createOffer());
      await hall.gathered(peer);
      const headers = { "Content-Type": "application/sdp", Authorization: `Bearer ${leave.token}` };
      const options = { method: "POST", headers, body: peer.localDescription.sdp, credentials: "same-origin" };
      const answer = await fetch(leave.url, options).catch(() => null);
      if (!answer) throw fault("unreachable");
      if (!answer.ok) {
        const said = await answer.json().catch(() => ({}));
        throw fault(said.code || "media_down", answer.status);
      }
      attempt.places.push([answer.headers.get("Location"), leave.token]);
      await peer.setRemoteDescription({ type: "answer", sdp: await answer.text() });
    }

    peer(attempt) {
      const peer = new RTCPeerConnection({ iceServers: [] });
      attempt.peers.push(peer);
      peer.addEventListener("connectionstatechange", () => this.changed(attempt, peer));
      return peer;
    }

    async send(attempt) {
      const peer = this.peer(attempt);
      const [sound] = this.stream.getAudioTracks();
      const [picture] = this.stream.getVideoTracks();
      if (sound) this.sound = peer.addTransceiver(sound, { direction: "sendonly", streams: [this.stream] }).sender;
      if (picture) {
        const sends = { direction: "sendonly", streams: [this.stream], sendEncodings: [{ maxBitrate: PICTURE_BITS, maxFramerate: 15 }] };
        this.picture = peer.addTransceiver(picture, sends).sender;
        if (!this.camera || this.weak) await this.picture.replaceTrack(null);
      }
      this.sender = peer;
      await this.meet(attempt, "whip", peer);
    }

    async receive(attempt) {
      const peer = this.peer(attempt);
      const slots = [];
      for (let n = 0; n < SOUNDS + PICTURES; n += 1) slots.push(peer.addTransceiver(n < SOUNDS ? "audio" : "video", { direction: "recvonly" }));
      peer.addEventListener("track", ({ transceiver, track }) => {
        const n = slots.indexOf(transceiver);
        const [kind, place] = n < SOUNDS ? ["audio", n] : ["video", n - SOUNDS];
        this.tracks[kind][place] = track;
        this.track(kind, place, track);
      });
      this.channel = peer.createDataChannel("room");
      this.channel.addEventListener("message", ({ data }) => this.heard(data));
      this.channel.addEventListener("open", () => Object.keys(this.asked).length && this.ask({}));
      this.receiver = peer;
      await this.meet(attempt, "whep", peer);
    }

    heard(text) {
      this.heardAt = performance.now();
      const said = JSON.parse(text);
      if (said.type === "room") this.seat(said);
      else if (said.type === "levels") this.levels(this.direct ? this.direct.levels(said.levels) : said.levels);
      else if (said.type === "signal" && this.direct) this.direct.heard(said.signal);
    }

    seat(said) {
      this.said = said;
      if (this.direct) this.direct.pair(said.direct);
      this.room(this.direct ? this.direct.seats(said) : said);
    }

    changed(attempt, peer) {
      if (!this.on || this.attempt !== attempt) return;
      const states = attempt.peers.map((one) => one.connectionState);
      if (states.every((one) => one === "connected")) return this.live();
      if (peer.connectionState === "failed" || peer.connectionState === "closed") return this.lost(attempt);
      if (peer.connectionState === "disconnected") setTimeout(() => peer.connectionState === "disconnected" && this.lost(attempt), LOST_MS);
      return undefined;
    }

    live() {
      clearTimeout(this.failing);
      this.heardAt = performance.now();
      this.tries = 0;
      this.become("live");
    }

    /* The line is gone: a new one, with the same stream, until somebody hangs up. */
    async lost(attempt) {
      if (!this.on || this.attempt !== attempt) return;
      if (this.state === "live") {
        this.become("rejoining");
        this.arm();
      }
      this.drop();
      await wait(PAUSES_MS[Math.min(this.tries, PAUSES_MS.length - 1)]);
      this.tries += 1;
      if (this.on && !this.attempt) await this.dial();
    }

    /* A far end that falls silent is asked for by the web's door: whether it still knows this line.
       A process that died is noticed so in two seconds; ICE alone takes nine. A network that is away
       for a moment gives no answer, and the line stays. */
    async listen() {
      const { attempt } = this;
      if (this.state !== "live" || this.asking || !attempt || performance.now() - this.heardAt < QUIET_MS) return;
      this.asking = true;
      const [place, token] = attempt.places[0];
      const headers = { "Content-Type": "application/trickle-ice-sdpfrag", Authorization: `Bearer ${token}` };
      const answer = await fetch(place, { method: "PATCH", headers, body: "" }).catch(() => null);
      this.asking = false;
      this.heardAt = performance.now(); // known still, or out of reach: asked again after a while
      if (answer && FORGOTTEN.has(answer.status)) await this.lost(attempt);
    }

    refused(error) {
      const code = error.code || "fault";
      if (GONE.has(error.status)) return this.quit("over", code);
      this.stage = code;
      return this.lost(this.attempt);
    }

    drop() {
      const attempt = this.attempt;
      if (this.direct) this.direct.pair(null);
      this.attempt = this.picture = this.sound = this.sender = null;
      if (!attempt) return;
      for (const peer of attempt.peers) peer.close();
      for (const [place, token] of attempt.places) {
        if (place) fetch(place, { method: "DELETE", keepalive: true, headers: { Authorization: `Bearer ${token}` } }).catch(() => {});
      }
    }

    /* How good the line is, from what the far end and this browser count. */
    async measure() {
      if (this.state !== "live") return;
      const out = this.sender ? await count(this.sender) : {};
      const into = this.receiver ? await count(this.receiver) : {};
      const lost = Math.max(out.lost || 0, share(into, this.before));
      this.before = into;
      const rtt = out.rtt || into.rtt || 0;
      const full = lost > LOSSY || (lost > LEAKY && out.bits && out.bits < WEAK_BITS);
      const quality = full || rtt > 0.8 ? "poor" : lost > LEAKY || rtt > 0.3 ? "fair" : "good";
      this.spare(full);
      if (quality !== this.quality) {
        this.quality = quality;
        this.told(this);
      }
      this.figures = { lost, rtt, bits: out.bits || 0 };
    }

    /* Sound first: on a weak line the own picture is not sent, until the line has been good a while. */
    spare(bad) {
      this.bad = bad ? (this.bad || 0) + 1 : 0;
      this.good = bad ? 0 : (this.good || 0) + 1;
      if (!this.weak && this.bad >= 2) this.weak = true;
      else if (this.weak && this.good >= 8) this.weak = false;
      else return;
      this.setCamera(this.camera);
    }
  }

  async function count(peer) {
    const found = { packets: 0, gone: 0 };
    for (const one of (await peer.getStats().catch(() => new Map())).values()) {
      if (one.type === "inbound-rtp" && one.kind === "audio") {
        found.packets += one.packetsReceived || 0;
        found.gone += Math.max(0, one.packetsLost || 0);
      } else if (one.type === "remote-inbound-rtp") {
        found.lost = Math.max(found.lost || 0, one.fractionLost || 0);
        found.rtt = one.roundTripTime || found.rtt;
      } else if (one.type === "candidate-pair" && one.nominated) {
        found.bits = one.availableOutgoingBitrate;
        found.rtt = found.rtt || one.currentRoundTripTime;
      }
    }
    return found;
  }

  function share(now, before) {
    const gone = (now.gone || 0) - ((before && before.gone) || 0);
    const came = (now.packets || 0) - ((before && before.packets) || 0);
    return gone > 0 && came + gone > 20 ? gone / (came + gone) : 0;
  }

  hall.CallLine = CallLine;
})();
