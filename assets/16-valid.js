/* A figure says until when it may be believed (data-valid, ms); past that the page marks it by
   itself, whatever else still comes in. */
(function () {
  "use strict";
  const hall = window.dash_clientside.hall;

  function look(now) {
    for (const element of document.querySelectorAll("[data-valid]")) {
      const over = now > Number(element.dataset.valid);
      if (over === Boolean(element.dataset.expired)) continue;
      if (over) element.dataset.expired = hall.t("fresh.late");
      else delete element.dataset.expired;
    }
  }

  hall.on("tick", look);
  document.addEventListener("hall:painted", () => hall.clockKnown() && look(hall.now()));
})();
