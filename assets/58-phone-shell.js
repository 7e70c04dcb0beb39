/* The phone's page is kept on the phone, so that it opens where there is no network. */
(function () {
  "use strict";
  const hall = window.dash_clientside.hall;
  if (hall.screen !== "phone" || !("serviceWorker" in navigator) || !window.isSecureContext) return;
  navigator.serviceWorker.register("/phone/worker.js", { scope: "/phone/" }).catch((error) => console.warn("the page is not kept", error));
})();
