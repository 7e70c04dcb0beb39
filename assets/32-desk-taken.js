/* Which units cannot be ordered now, and why: the picture says it, this only looks it up. */
(function () {
  "use strict";
  const hall = window.dash_clientside.hall;
  const { desk } = hall;
  if (!desk) return;
  let known = new Map();

  hall.sinks = hall.sinks || {};
  hall.sinks["composer-taken"] = {
    set(rows) {
      known = new Map(rows.map((row) => [row.id, row]));
      document.dispatchEvent(new CustomEvent("hall:painted", { detail: "composer-taken" }));
    },
  };
  document.dispatchEvent(new CustomEvent("hall:sink", { detail: "composer-taken" }));

  /* {why, words} of a unit that this desk cannot order now; null of one that it can. */
  desk.taken = (unit, district) => {
    const row = known.get(`unit:${unit}`) || known.get(`district:${district}`);
    return row && row.words ? row : null;
  };
})();
