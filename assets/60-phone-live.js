/* The phone's live picture: sent by WHIP while its person has said so and the order runs, made anew
   when the line is lost. H.264 alone is sent: it is passed on as it is. */
(function () {
  "use strict";
  const hall = window.dash_clientside.hall;
  if (hall.screen !== "phone") return;
  const PAUSES_MS = [1000, 2000, 5000];
  const BITS = 800000;
  const WANTED = { facingMode: { ideal: "environment" }, width: { ideal: 640 }, height: { ideal: 480 }, frameRate: { ideal: 15, max: 20 } };
  let unit = null;
  let stream = null;
  let line = null;
  let tries = 0;
  let words = "";

  function look() {
    const row = document.querySelector("#phone-running [data-sending]");
    const wanted = row ? row.dataset.unit : null;
    if (wanted !== unit) {
      stop();
      unit = wanted;
      if (unit) start(unit);
    }
    paint();
  }

  function stop() {
    if (line) line.end();
    if (stream) for (const track of stream.getTracks()) track.stop();
    line = stream = null;
    tries = 0;
  }

  const codecs = () => (RTCRtpSender.getCapabilities("video") || { codecs: [] }).codecs.filter((one) => one.mimeType === "video/H264");

  async function start(id) {
    say("live_waiting");
    if (!hall.canCall() || !codecs().length) return say("live_cannot");
    try {
      const got = await navigator.mediaDevices.getUserMedia({ video: WANTED, audio: false });
      if (unit !== id) return got.getTracks().forEach((track) => track.stop());
      stream = got;
    } catch (_) {
      return say("live_refused");
    }
    return dial(id);
  }

  async function dial(id) {
    const peer = new RTCPeerConnection({ iceServers: [] });
    const mine = (line = { end: () => peer.close() });
    const again = () => line === mine && later(id, mine);
    peer.addEventListener("connectionstatechange", () => {
      if (peer.connectionState === "failed") again();
      else if (peer.connectionState === "connected" && line === mine) {
        tries = 0;
        say("live_on");
      }
    });
    try {
      const leave = await hall.mediaToken(`phone/${id}`, "whip");
      peer.setConfiguration({ iceServers: leave.ice_servers || [] });
      const [track] = stream.getVideoTracks();
      const sends = { direction: "sendonly", streams: [stream], sendEncodings: [{ maxBitrate: BITS, maxFramerate: 15 }] };
      peer.addTransceiver(track, sends).setCodecPreferences(codecs());
      await peer.setLocalDescription(await peer.createOffer());
      await hall.gathered(peer);
      const place = await offer(peer, leave);
      mine.end = () => {
        peer.close();
        fetch(place, { method: "DELETE", keepalive: true, headers: bearer(leave) }).catch(() => {});
      };
      if (line !== mine) mine.end();
    } catch (_) {
      again();
    }
  }

  const bearer = (leave) => ({ Authorization: `Bearer ${leave.token}` });

  async function offer(peer, leave) {
    const headers = { "Content-Type": "application/sdp", ...bearer(leave) };
    const answer = await fetch(leave.url, { method: "POST", credentials: "same-origin", headers, body: peer.localDescription.sdp });
    if (answer.status !== 201) throw new Error(String(answer.status));
    await peer.setRemoteDescription({ type: "answer", sdp: await answer.text() });
    return answer.headers.get("Location");
  }

  function later(id, mine) {
    mine.end();
    say("live_waiting");
    const pause = PAUSES_MS[Math.min(tries, PAUSES_MS.length - 1)];
    tries += 1;
    setTimeout(() => line === mine && unit === id && stream && dial(id), pause);
  }

  function say(key) {
    words = hall.t(`scene.${key}`);
    paint();
  }
  function paint() {
    const place = document.querySelector("#phone-running [data-live]");
    if (place && place.textContent !== words) place.textContent = words;
  }

  document.addEventListener("hall:painted", (event) => event.detail === "phone-running" && look());
  window.addEventListener("pagehide", stop);
})();
