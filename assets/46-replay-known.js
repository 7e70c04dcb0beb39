/* What the log knew at the replay's moment, asked for by time. Until the answer for a new moment is
   there, what stands is marked as being of another one. */
(function () {
  "use strict";
  const hall = window.dash_clientside.hall;
  const root = document.documentElement;
  const { desk } = hall;
  if (!desk) return;
  const ASK_MS = 1000; // asked for at most so often, and again so long after an answer that failed
  let wanted = { incident: "", time: 0 };
  let [asked, shown, told, later] = ["", "", -ASK_MS, 0];

  const place = () => document.getElementById("replay-known");
  const moment = () => (wanted.time ? `${wanted.incident} ${Math.round(wanted.time / 1000)}` : "");
  const mark = () => desk.mark(place(), "awaited", shown && shown !== moment());

  /* Called with every frame of the replay. */
  function show(incident, time) {
    if (incident !== wanted.incident) {
      [asked, shown] = ["", ""];
      place().replaceChildren();
    }
    wanted = { incident, time };
    ask();
  }

  /* The answer to an older question is void. */
  function ask() {
    const about = moment();
    mark();
    if (!wanted.incident || !about || asked === about) return;
    if (performance.now() - told < ASK_MS) return void askLater();
    [asked, told] = [about, performance.now()];
    const address = `/api/v1/pictures/incident?subject=${encodeURIComponent(wanted.incident)}&t=${Math.round(wanted.time)}`;
    fetch(address, { credentials: "same-origin" })
      .then((answer) => (answer.ok ? answer.json() : Promise.reject(new Error(answer.status))))
      .then((found) => asked === about && stand(about, lines(found.picture)))
      .catch(() => asked === about && failed(about));
  }
  function askLater() {
    later ||= setTimeout(() => {
      later = 0;
      if (root.dataset.view === "replay") ask();
    }, ASK_MS);
  }
  function failed(about) {
    asked = "";
    stand(about, [hall.t("replay.no_known")]);
    askLater();
  }
  function stand(about, words) {
    shown = about;
    place().replaceChildren(...words);
    mark();
  }

  function lines({ incident, activation, orders }) {
    const line = (words) => Object.assign(document.createElement("div"), { textContent: words });
    if (!incident) return [line(hall.t("replay.unknown"))];
    const state = [hall.t(`incident_state.${incident.state}`), hall.t(`grade.${incident.grade}`)];
    if (activation && activation.state === "ACTIVE") state.push(hall.t(`mode.${activation.mode}`));
    const name = (one) => (one ? one[hall.lang] || one.zh : "");
    const given = orders.filter((one) => one.state !== "DRAFT").map((one) => line(hall.t("replay.unit_state", { unit: name(one.unit_name), state: hall.t(`order_state.${one.state}`) })));
    return [line(state.join(" · ")), ...given];
  }

  hall.replayKnown = { show };
})();
