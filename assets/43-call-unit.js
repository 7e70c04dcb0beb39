/* A unit on the desk's map: a click shows its name and a button that calls it. */
(function () {
  "use strict";
  const hall = window.dash_clientside.hall;
  if (hall.screen !== "desk") return;
  let card = null;

  function close() {
    if (card) card.remove();
    card = null;
  }

  function show(unit, lat, lon) {
    close();
    card = document.createElement("div");
    card.className = "unitcard";
    card.dataset.unit = unit.id;
    const name = document.createElement("b");
    name.textContent = (hall.lang === "en" ? unit.name.en : unit.name.zh) || unit.id;
    const button = Object.assign(document.createElement("button"), { type: "button", className: "btn", textContent: hall.t("call.unit") });
    const said = Object.assign(document.createElement("span"), { className: "dim" });
    said.setAttribute("role", "status");
    button.addEventListener("click", () => call(unit.id, button, said));
    card.append(name, button, ...choice(), said);
    const point = hall.leaflet.latLngToContainerPoint([lat, lon]);
    Object.assign(card.style, { left: `${point.x + 14}px`, top: `${point.y - 14}px` });
    hall.leaflet.getContainer().append(card);
    card.addEventListener("pointerdown", (event) => event.stopPropagation());
    card.addEventListener("click", (event) => event.stopPropagation());
  }

  /* Where two may speak directly: the choice not to record it. */
  function choice() {
    if (!document.querySelector("#screen[data-direct]")) return [];
    const label = Object.assign(document.createElement("label"), { className: "unrecorded" });
    const tick = Object.assign(document.createElement("input"), { type: "checkbox", name: "record" });
    const note = Object.assign(document.createElement("small"), { textContent: hall.t("call.unrecorded_note") });
    label.append(tick, " ", hall.t("call.unrecorded"), note);
    return [label];
  }

  /* Opens the call of the unit's incident, or one of its own, asks the unit in, and goes in oneself. */
  async function call(unit, button, said) {
    button.disabled = true;
    const answer = await hall.send("call.open", { unit, ...hall.unrecorded(button.parentElement) });
    if (!answer.ok) {
      button.disabled = false;
      said.textContent = hall.reason(answer.body);
      return;
    }
    close();
    hall.callJoin(answer.body.call);
  }

  /* The same from a list: a phone that does not show what it should is called. */
  hall.desk.verbs["call-unit"] = (button) =>
    call(button.dataset.unit, button, button.closest("[data-panel]").querySelector("[data-answer]"));

  hall.on("map:click", ({ lat, lon }) => {
    const unit = hall.unitAt && hall.unitAt(lat, lon);
    if (unit) show(unit, lat, lon);
    else close();
  });
  hall.withMap((map) => map.on("movestart zoomstart", close));
})();
