/* Commands whose bodies are put together here: reports, set-up, merging, proposals, stand-down. */
(function () {
  "use strict";
  const hall = window.dash_clientside.hall;
  const { desk } = hall;
  if (!desk) return;
  const panel = (name) => document.getElementById(`panel-${name}`);
  const value = (under, name) => {
    const field = under.querySelector(`[name=${name}]`);
    return field ? field.value.trim() : "";
  };
  const checked = (under, name) => desk.all(`[name=${name}]`, under).filter((one) => one.checked).map((one) => one.value);
  const say = (under, words) => {
    const line = under.matches("[data-answer]") ? under : under.querySelector("[data-answer]");
    if (line) line.textContent = words;
  };

  /* Sends a command and says what became of it; gives the answer's body, or null if refused. */
  desk.send = async (name, body, { key, answer, under } = {}) => {
    const line = answer ? document.getElementById(answer) : under;
    if (line) say(line, hall.t("desk.pending"));
    const said = await hall.send(name, body, key ? { key } : {});
    if (line) say(line, said.ok ? hall.t("desk.sent") : hall.t("desk.failed", { why: hall.reason(said.body) }));
    desk.refused = said.ok ? null : said;
    return said.ok ? said.body : null;
  };

  /* A report by telephone */
  const NUMBERS = ["severity", "minutes_ago", "lat", "lon"];
  const TEXTS = ["what", "place", "category", "type", "caller_name", "caller_phone", "text"];
  let report = null;

  desk.setPoint = (lat, lon, name, go) => {
    desk.showPoint(lat, lon, name, go);
    const form = panel("report");
    form.querySelector("[name=lat]").value = lat;
    form.querySelector("[name=lon]").value = lon;
    form.querySelector("[data-point]").textContent = hall.t("report.point", { lat: lat.toFixed(5), lon: lon.toFixed(5) });
    if (name) form.querySelector("[name=place]").value = name;
  };

  function reported(form) {
    const body = {};
    for (const name of TEXTS) if (value(form, name)) body[name] = value(form, name);
    for (const name of NUMBERS) {
      const given = name === "severity" ? checked(form, name)[0] : value(form, name);
      if (given !== undefined && given !== "") body[name] = Number(given);
    }
    return body;
  }

  desk.verbs.report = async () => {
    const form = panel("report");
    const body = reported(form);
    for (const note of desk.all("[data-refused]", form)) note.textContent = "";
    const missing = ["what", "place", "lat"].find((name) => body[name] === undefined);
    if (missing) return refuse(form, missing, hall.t(missing === "lat" ? "report.no_point" : "desk.needed"));
    report = report || hall.uuid();
    const done = await desk.send("alert.report", body, { key: report, under: form });
    if (!done) {
      const { field } = desk.refused.body;
      if (field) refuse(form, field, hall.reason(desk.refused.body));
      return undefined;
    }
    report = null;
    empty(form);
    desk.hidePoint();
    say(form, hall.t("report.taken", { id: done.alert }));
    return desk.choose("alert", done.alert);
  };

  function refuse(form, name, words) {
    const note = form.querySelector(`[data-refused=${name}]`);
    if (note) note.textContent = words;
    const field = form.querySelector(`[name=${name === "lat" ? "place" : name}]`);
    if (field) field.focus();
  }
  function empty(form) {
    for (const field of desk.all("input, textarea", form)) {
      if (field.type === "radio") field.checked = field.defaultChecked;
      else field.value = field.type === "hidden" ? "" : field.defaultValue;
    }
    form.querySelector("[data-point]").textContent = hall.t("report.no_point");
  }

  /* From an alert to its incident */
  desk.verbs["set-up"] = async (button) => {
    const under = panel("detail");
    const grade = Number(checked(under, "grade")[0]);
    const done = await once(button, () => desk.send("incident.open", { alert: hall.selection.alert, grade }, { under }));
    if (!done) return;
    desk.takeIncident(done.incident);
    desk.view("dispatch");
  };

  desk.verbs.regrade = (button) => {
    const under = panel("detail");
    const body = { incident: hall.selection.incident, grade: Number(checked(under, "grade")[0]) };
    return once(button, () => desk.send("incident.grade", body, { under }));
  };

  desk.verbs.merge = async (button) => {
    const under = panel("detail");
    const into = hall.selection.alert;
    await once(button, async () => {
      for (const alert of checked(under, "merge")) {
        if (!(await desk.send("alert.merge", { alert, into }, { under }))) return;
      }
    });
  };

  /* Standby, wartime, and back */
  desk.verbs.propose = async (button) => {
    const under = panel("activate");
    const scope = checked(under, "scope");
    const body = {
      incident: hall.selection.incident,
      mode: checked(under, "mode")[0],
      level: Number(checked(under, "level")[0]),
      scope: scope.includes("city") ? ["city"] : scope,
      reason: value(under, "activate_reason"),
    };
    if (!body.reason) return under.querySelector("[name=activate_reason]").focus();
    const done = await once(button, () => desk.send("activation.propose", body, { under }));
    if (!done) return undefined;
    under.querySelector("[name=activate_reason]").value = "";
    return desk.aside(null);
  };

  desk.verbs["stand-down"] = async (button) => {
    const under = panel("standdown");
    const handover = {};
    for (const field of desk.all("[data-owner]", under)) {
      if (field.value.trim()) handover[field.dataset.owner] = field.value.trim();
    }
    const body = { activation: button.dataset.activation, reason: value(under, "end_reason"), handover };
    if (!body.reason) return under.querySelector("[name=end_reason]").focus();
    const done = await once(button, () => desk.send("activation.end", body, { under }));
    if (done) desk.fold(button.closest("[data-line]"));
    return undefined;
  };

  /* What is known of the harm: only the numbers that were typed are told. */
  const HARM = ["dead", "missing", "serious", "minor", "trapped", "moved"];
  desk.verbs.facts = async (button) => {
    const under = button.closest("[data-line]");
    const count = (name) => under.querySelector(`[name=${name}]`).value;
    const body = { incident: hall.selection.incident, source: value(under, "harm_source"), verified: under.querySelector("[name=harm_verified]").checked };
    for (const name of HARM) if (count(name) !== "") body[name] = Number(count(name));
    if (value(under, "need_what")) body.needs = [{ what: value(under, "need_what"), need: Number(count("need_need") || 0), have: Number(count("need_have") || 0) }];
    if (!body.source) return under.querySelector("[name=harm_source]").focus();
    const done = await once(button, () => desk.send("incident.facts", body, { under: panel("detail") }));
    if (done) desk.fold(under);
    return undefined;
  };

  /* Every screen that does not show the mode takes it again. */
  desk.verbs["push-screens"] = () => {
    for (const button of desk.all("[data-push]", panel("screens"))) button.click();
  };

  /* A button does nothing more while its own command is on the way. */
  async function once(button, work) {
    if (button.dataset.busy) return null;
    button.dataset.busy = "1";
    try {
      return await work();
    } finally {
      delete button.dataset.busy;
    }
  }

  hall.on("map:click", ({ lat, lon }) => {
    if (document.documentElement.dataset.aside === "report") desk.setPoint(lat, lon);
  });
})();
