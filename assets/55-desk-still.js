/* The large picture of the desk, kept as evidence: the media process's own newest one, not the
   screen's; its hash stands in the log and here. */
(function () {
  "use strict";
  const hall = window.dash_clientside.hall;
  if (hall.screen !== "desk") return;

  function chosen(button) {
    const panel = button.closest("[data-panel], .col");
    const tile = hall.tiles().find((one) => one.box.dataset.large === "1" && panel.contains(one.box));
    return tile && tile.spec;
  }

  async function ask(body) {
    const headers = { "Content-Type": "application/json", "Idempotency-Key": hall.uuid() };
    const options = { method: "POST", credentials: "same-origin", headers, body: JSON.stringify(body) };
    const answer = await fetch("/api/v1/stills", options).catch(() => null);
    if (!answer) return { ok: false, body: { code: "unreachable" } };
    return { ok: answer.ok, body: await answer.json().catch(() => ({})) };
  }

  async function keep(button) {
    const place = button.closest(".col").querySelector("[data-answer]");
    const spec = chosen(button);
    const incident = spec && (spec.incident || hall.incidentInSight());
    if (!incident) {
      place.textContent = hall.t("eyes.still_needs");
      return;
    }
    button.dataset.state = "pending";
    const answer = await ask({ feed: spec.feed, incident });
    delete button.dataset.state;
    const { taken_at: at, sha256 } = answer.body;
    place.textContent = answer.ok ? hall.t("eyes.still_kept", { at: hall.clockText(at), hash: sha256.slice(0, 12) }) : hall.reason(answer.body);
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-still]");
    if (button) keep(button);
  });
})();
