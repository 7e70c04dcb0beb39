/* The desk's hands: which work is in sight, what stands aside, which line of a list is chosen.
   A button with data-do names one of `hall.desk`'s verbs; commands go through data-act instead. */
(function () {
  "use strict";
  const hall = window.dash_clientside.hall;
  const root = document.documentElement;
  if (root.dataset.screen !== "desk") return;
  const desk = (hall.desk = { verbs: {} });

  const all = (css, under = document) => [...under.querySelectorAll(css)];
  const seen = (element) => Boolean(element && element.offsetParent);
  const typing = (element) => Boolean(element && element.matches("textarea, select, input:not([type=checkbox]):not([type=radio])"));
  Object.assign(desk, { all, seen, typing });

  /* Views and what stands aside */
  function view(name) {
    root.dataset.view = name;
    aside(null);
    paintTabs();
    window.dispatchEvent(new Event("resize"));
    hold();
  }
  /* While orders are written the map holds the incident they are for. */
  function hold() {
    if (hall.follow) hall.follow(root.dataset.view === "dispatch" ? hall.selection.incident || null : null);
  }
  function aside(name) {
    if (!name || name === "detail") delete root.dataset.aside;
    else root.dataset.aside = name;
    const first = name && document.querySelector(`#panel-${name} [data-focus]`);
    if (first && (name === "report" || name === "find")) first.focus();
    if (name === "activate") focusOn(document.querySelector("#panel-activate [name=activate_reason]"));
  }
  function focusOn(element) {
    if (element) element.focus();
  }
  function paintTabs() {
    const shown = root.dataset.view || "intake";
    for (const tab of all(".tab[data-view]")) mark(tab, "on", tab.dataset.view === shown);
  }
  function mark(element, name, on) {
    if (on) element.dataset[name] = "1";
    else delete element.dataset[name];
  }
  Object.assign(desk, { view, aside, hold, mark, focusOn });

  const verbs = desk.verbs;
  verbs.view = (button) => view(button.dataset.view);
  verbs.side = (button) => aside(button.dataset.side);
  verbs.tab = (button) => page(button.closest("[data-panel]"), button.dataset.tab);
  verbs.line = (button) => unfold(button.closest("[data-panel]"), button.dataset.for);
  verbs.confirm = () => {
    folded = !folded;
    paintConfirm();
  };
  verbs["fold-notice"] = (button) => foldNotice(button.closest("[data-notice]"), Number(button.dataset.minutes));

  function page(panel, name) {
    for (const tab of all("[data-tab]", panel)) mark(tab, "on", tab.dataset.tab === name);
    for (const one of all("[data-page]", panel)) mark(one, "on", one.dataset.page === name);
  }

  /* A field that a button asks for */
  function unfold(panel, name) {
    for (const line of all("[data-line]", panel)) mark(line, "on", line.dataset.line === name && !line.dataset.on);
    focusOn(panel.querySelector("[data-line][data-on] :is(input, select)"));
  }
  function fold(line) {
    delete line.dataset.on;
    for (const field of all("input", line)) field.value = field.defaultValue;
    if (line.contains(document.activeElement)) document.activeElement.blur();
  }
  Object.assign(desk, { fold, unfold });

  /* The confirmation is open by itself for those who may sign; the others unfold it. */
  let folded = false;
  let weighed = false;
  function paintConfirm() {
    const body = document.getElementById("confirm-body");
    const waits = Boolean(body && body.childElementCount);
    const sign = document.querySelector('#confirm-acts [data-act="activation.sign"]');
    if (waits && !sign) return;
    const may = waits && !sign.disabled && !signedByMe(sign);
    if (!waits) weighed = false;
    else if (!weighed) [weighed, folded] = [true, !may];
    mark(root, "confirm", waits && !folded);
  }

  /* Nobody signs twice: for the one who asked, the button says so. */
  function signedByMe(sign) {
    const mine = Boolean(hall.who) && sign.dataset.signed.split(" ").includes(hall.who.id);
    if (mine) {
      sign.disabled = true;
      sign.title = hall.t("confirm.yours");
    }
    return mine;
  }

  function foldNotice(notice, minutes) {
    notice.dataset.folded = "1";
    setTimeout(() => delete notice.dataset.folded, minutes * 60000);
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-do]");
    if (!button || button.disabled || (button.dataset.do === "focus" && event.isTrusted)) return;
    const verb = verbs[button.dataset.do];
    if (verb) verb(button, event);
  });

  document.addEventListener("hall:painted", (event) => {
    if (event.detail === "confirm-body" || event.detail === "confirm-acts") paintConfirm();
  });

  /* In wartime the desk opens on its forces; afterwards the person's own choice stays. */
  let mode = null;
  new MutationObserver(() => {
    const now = root.dataset.mode;
    if (now === mode) return;
    if (now === "WARTIME") view("dispatch");
    else if (mode === "WARTIME" && root.dataset.view === "dispatch") view("intake");
    mode = now;
  }).observe(root, { attributes: true, attributeFilter: ["data-mode"] });

  function start() {
    const asked = new URLSearchParams(location.search).get("view");
    mode = root.dataset.mode;
    view(["intake", "map", "dispatch", "standdown"].includes(asked) ? asked : mode === "WARTIME" ? "dispatch" : "intake");
    const steps = document.getElementById("panel-steps");
    if (steps) page(steps, "plan");
  }
  hall.ready.then(start);
})();
