/* One picture by WHEP: a token, an offer, a session that is ended when nobody looks any more.
   `hall.whep(path, {track, data, state})` gives {peer, stats(), close()} or throws {status, code}. */
(function () {
  "use strict";
  const hall = window.dash_clientside.hall;

  async function refusal(answer) {
    const said = await answer.json().catch(() => ({}));
    return Object.assign(new Error(said.code || String(answer.status)), { status: answer.status, code: said.code || "", detail: said.detail || "" });
  }

  async function ask(address, options) {
    const answer = await fetch(address, { method: "POST", credentials: "same-origin", ...options }).catch(() => null);
    if (!answer) throw Object.assign(new Error("unreachable"), { status: 0, code: "unreachable" });
    if (!answer.ok) throw await refusal(answer);
    return answer;
  }

  hall.mediaToken = async (path, action) => {
    const body = JSON.stringify({ path, action });
    return (await ask("/api/v1/media/tokens", { headers: { "Content-Type": "application/json" }, body })).json();
  };

  function peerFor(leave, listen, path) {
    const peer = new RTCPeerConnection({ iceServers: leave.ice_servers || [] });
    peer.addTransceiver("video", { direction: "recvonly" });
    peer.addEventListener("track", (event) => {
      if ("jitterBufferTarget" in event.receiver) event.receiver.jitterBufferTarget = 0;
      listen.track(event.streams[0] || new MediaStream([event.track]));
    });
    peer.addEventListener("connectionstatechange", () => listen.state(peer.connectionState));
    if (listen.data && path.startsWith("drone/")) {
      const channel = peer.createDataChannel("telemetry", { ordered: false, maxRetransmits: 0 });
      channel.addEventListener("message", (event) => listen.data(JSON.parse(event.data), performance.now()));
    }
    return peer;
  }

  hall.whep = async (path, listen) => {
    const leave = await hall.mediaToken(path, "whep");
    const peer = peerFor(leave, listen, path);
    try {
      await peer.setLocalDescription(await peer.createOffer());
      await hall.gathered(peer);
      const headers = { "Content-Type": "application/sdp", Authorization: `Bearer ${leave.token}` };
      const answer = await ask(leave.url, { headers, body: peer.localDescription.sdp });
      const place = answer.headers.get("Location");
      await peer.setRemoteDescription({ type: "answer", sdp: await answer.text() });
      return { peer, stats: meter(peer), close: () => end(peer, place, leave.token) };
    } catch (error) {
      peer.close();
      throw error;
    }
  };

  function end(peer, place, token) {
    peer.close();
    if (!place) return;
    fetch(place, { method: "DELETE", keepalive: true, headers: { Authorization: `Bearer ${token}` } }).catch(() => {});
  }

  /* What came since the last time: packets, frames, and how late they are on this screen, in ms. */
  function meter(peer) {
    let last = {};
    return async () => {
      if (peer.connectionState === "closed") return null;
      const found = { packets: 0, frames: 0, buffer: 0, emitted: 0, decode: 0, rtt: 0 };
      for (const one of (await peer.getStats()).values()) {
        if (one.type === "inbound-rtp" && one.kind === "video") {
          Object.assign(found, { packets: one.packetsReceived || 0, frames: one.framesDecoded || 0, buffer: one.jitterBufferDelay || 0 });
          Object.assign(found, { emitted: one.jitterBufferEmittedCount || 0, decode: one.totalDecodeTime || 0 });
        } else if (one.type === "candidate-pair" && one.nominated) found.rtt = one.currentRoundTripTime || 0;
      }
      const was = last;
      last = found;
      return { ...found, latency: latency(found, was) };
    };
  }

  function latency(now, was) {
    const emitted = now.emitted - (was.emitted || 0);
    const frames = now.frames - (was.frames || 0);
    if (emitted <= 0 || frames <= 0) return null;
    const buffer = (now.buffer - (was.buffer || 0)) / emitted;
    const decode = (now.decode - (was.decode || 0)) / frames;
    return Math.max(0, Math.round((buffer + decode + now.rtt / 2) * 1000));
  }
})();
