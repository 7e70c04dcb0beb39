/* The account is computed only while somebody has it open. */
(function () {
  "use strict";
  const hall = window.dash_clientside.hall;
  const root = document.documentElement;
  if (root.dataset.screen !== "desk") return;
  const VIEW = "reconcile";

  function follow() {
    hall.open("reconcile", root.dataset.view === VIEW ? "all" : "");
  }
  hall.ready.then(() => {
    new MutationObserver(follow).observe(root, { attributes: true, attributeFilter: ["data-view"] });
    if (new URLSearchParams(location.search).get("view") === VIEW) setTimeout(() => hall.desk.view(VIEW));
    else follow();
  });
})();
