/* Dark or light: a person's own choice on this device; what is drawn on canvas needs a fresh page. */
(function () {
  "use strict";
  const KEPT = "yiping.theme";
  const root = document.documentElement;
  const read = () => {
    try {
      return localStorage.getItem(KEPT);
    } catch (error) {
      return null;
    }
  };
  if (root.dataset.screen !== "wall" && read() === "light") root.dataset.theme = "light";

  document.addEventListener("click", (event) => {
    if (!event.target.closest("[data-theme-switch]")) return;
    localStorage.setItem(KEPT, root.dataset.theme === "light" ? "dark" : "light");
    location.reload();
  });
})();
