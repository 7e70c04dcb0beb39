/* The lines over a screen that say what is wrong with it: whether stands on the root, where the style
   sheets see it; here are the words, since when and how many. */
(function () {
  "use strict";
  const hall = window.dash_clientside.hall;
  const root = document.documentElement;
  const since = new Map();
  const WORDS = {
    unwritable: (at) => hall.t("banner.unwritable", { at }),
    unsent: (at, n) => hall.t("banner.unsent", { at, n }),
    bell: (at) => hall.t("banner.bell", { at }),
  };

  function say(name) {
    const line = document.querySelector(`[data-banner="${name}"]`);
    if (!line) return;
    const words = told(name);
    if (line.textContent !== words) line.textContent = words;
  }

  function told(name) {
    const value = root.dataset[name];
    if (!value) {
      since.delete(name);
      return "";
    }
    if (!since.has(name)) since.set(name, hall.now());
    return WORDS[name](hall.clockText(since.get(name)), value);
  }

  hall.on("mark", ({ name }) => WORDS[name] && say(name));

  /* The screen below begins where the lines end. */
  Promise.all([hall.ready, hall.words]).then(() => {
    Object.keys(WORDS).forEach(say);
    const lines = document.getElementById("banners");
    new ResizeObserver(() => root.style.setProperty("--banners", `${lines.offsetHeight}px`)).observe(lines);
  });
})();
