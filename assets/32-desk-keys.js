/* Keys of the desk that are not printed on one button: arrows, Enter, Esc, @. */
(function () {
  "use strict";
  const hall = window.dash_clientside.hall;
  const { desk } = hall;
  if (!desk) return;
  const root = document.documentElement;

  function escape() {
    const active = document.activeElement;
    const line = active.closest("[data-line][data-on]") || desk.all("[data-line][data-on]").find(desk.seen);
    if (line) return desk.fold(line);
    if (root.dataset.aside) {
      active.blur();
      return desk.aside(null);
    }
    if (root.dataset.confirm) return desk.verbs.confirm();
    return active.blur();
  }

  /* Enter in a line that asks presses its button; in a search it opens what is chosen. */
  function enter(event) {
    const active = document.activeElement;
    const line = active.closest("[data-line]");
    const button = line && active.matches("input, select") && line.querySelector("[data-enter]");
    if (button) {
      event.preventDefault();
      return button.click();
    }
    if (active.matches("[data-find], [data-placefind], [data-unitfind]")) {
      event.preventDefault();
      return desk.pick(active);
    }
    if (active === document.body && hall.selection.alert) desk.aside(null);
    return undefined;
  }

  function arrow(event, by) {
    const active = document.activeElement;
    if (active.matches("[data-find], [data-placefind], [data-unitfind]")) desk.move(active, by);
    else if (desk.typing(active) || active.matches("select, [type=radio]")) return;
    else desk.step(by);
    event.preventDefault();
  }

  const PLAIN = {
    Escape: escape,
    Enter: enter,
    ArrowDown: (event) => arrow(event, 1),
    ArrowUp: (event) => arrow(event, -1),
  };

  function at(event) {
    const field = document.querySelector("#composer-write [data-unitfind]");
    if (!desk.seen(field)) return;
    event.preventDefault();
    field.focus();
  }

  /* Acknowledging needs no detail: down, A, down, A goes as fast as the fingers do. */
  function acknowledge(event) {
    if (event.key.toUpperCase() !== "A" || event.isComposing || event.ctrlKey || event.altKey || event.metaKey) return;
    const row = desk.chosenAlert();
    if (desk.typing(document.activeElement) || !row || !desk.seen(document.getElementById("panel-queue"))) return;
    event.preventDefault();
    const under = document.getElementById("panel-detail");
    if (!event.repeat && row.state === "NEW") desk.send("alert.acknowledge", { alert: row.id }, { key: `ack:${row.id}`, under });
  }
  document.addEventListener("keydown", acknowledge, true);

  document.addEventListener("keydown", (event) => {
    if (event.isComposing || event.ctrlKey || event.altKey || event.metaKey) return;
    if (PLAIN[event.key]) PLAIN[event.key](event);
    else if (event.key === "@" && !desk.typing(document.activeElement)) at(event);
  });
})();
