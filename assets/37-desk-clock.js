/* Once a second: bars that run towards a limit, what is past it, when the picture was last checked. */
(function () {
  "use strict";
  const hall = window.dash_clientside.hall;
  if (!hall.desk) return;
  const LOW = 0.4; // less than this part of the time left is shown as little
  const all = (css) => document.querySelectorAll(css);

  function set(element, name, on) {
    if (on === (element.dataset[name] === "1")) return;
    if (on) element.dataset[name] = "1";
    else delete element.dataset[name];
  }

  function bars(now) {
    for (const bar of all("[data-bar]")) {
      const [start, due] = [Number(bar.dataset.start), Number(bar.dataset.due)];
      const share = due > start ? (now - start) / (due - start) : 1;
      bar.style.setProperty("--done", (Math.min(1, Math.max(0, share)) * 100).toFixed(1));
    }
  }

  function limits(now) {
    for (const line of all(".td[data-due], .ps[data-due]")) set(line, "over", Number(line.dataset.due) < now);
    for (const time of all('time[data-t="left"][data-t0]')) {
      const [start, due] = [Number(time.dataset.from), Number(time.dataset.t0)];
      set(time, "low", Boolean(start) && due >= now && (due - now) / (due - start) < LOW);
    }
  }

  /* A notice of something past is shown for its time, then it goes. */
  function notices(now) {
    for (const notice of all("[data-until]")) set(notice, "folded", Number(notice.dataset.until) < now || notice.dataset.folded === "1");
  }

  function checked(now) {
    if (document.documentElement.dataset.stale) return;
    const words = hall.t("desk.checked", { at: hall.clockText(now) });
    for (const note of all("[data-checked]")) if (note.textContent !== words) note.textContent = words;
  }

  hall.on("tick", (now) => {
    bars(now);
    limits(now);
    notices(now);
    checked(now);
  });
})();
