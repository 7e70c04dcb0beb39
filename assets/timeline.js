/* Places the events of [data-timeline] on an axis of twelve hours: four back, eight on.
   An event takes the first of two lanes that has room; without room its words are folded. */
(function () {
  "use strict";
  const hall = window.dash_clientside.hall;
  const HOUR = 3600e3;
  const BACK = 4 * HOUR;
  const SPAN = 12 * HOUR;
  const EAST_8 = 8 * HOUR;
  const LANES = 2;
  const GAP = 8;
  const now = () => (hall.now ? hall.now() : Date.now());
  const share = (at, from) => ((at - from) / SPAN) * 100;
  const hours = (at) => String(Math.floor((at + EAST_8) / HOUR) % 24).padStart(2, "0") + ":00";

  function ticks(axis, from) {
    const holder = axis.querySelector(".ticks");
    if (holder.dataset.from === String(from)) return;
    holder.dataset.from = String(from);
    holder.textContent = "";
    for (let at = from + 2 * HOUR; at < from + SPAN; at += 2 * HOUR) {
      const tick = document.createElement("span");
      tick.className = "n";
      tick.textContent = hours(at);
      tick.style.left = share(at, from) + "%";
      holder.append(tick);
    }
  }

  function bar(axis, event, from) {
    const until = Number(event.dataset.until);
    if (!until || event.hidden) return;
    const start = Math.max(share(Number(event.dataset.at), from), 0);
    const mark = document.createElement("i");
    mark.dataset.lv = event.dataset.lv || "0";
    mark.style.left = start + "%";
    mark.style.width = Math.min(share(until, from), 100) - start + "%";
    axis.querySelector(".bars").append(mark);
  }

  function stand(event, from) {
    const at = Number(event.dataset.at);
    event.hidden = (Number(event.dataset.until) || at) < from || at > from + SPAN;
    event.style.left = Math.max(share(at, from), 0) + "%";
    ["fold", "left", "lane"].forEach((name) => delete event.dataset[name]);
  }

  const free = (taken, start, end) => taken.every(([from, to]) => end + GAP <= from || start >= to + GAP);

  /* Right of its mark in either lane, then left of it, else only the mark. */
  function place(event, lanes, width) {
    const left = (parseFloat(event.style.left) / 100) * width;
    const size = event.scrollWidth;
    for (const turned of [false, true]) {
      const start = turned ? left - size : left;
      const end = start + size;
      const lane = lanes.findIndex((taken) => start >= 0 && end <= width && free(taken, start, end));
      if (lane < 0) continue;
      lanes[lane].push([start, end]);
      event.dataset.lane = String(lane);
      if (turned) event.dataset.left = "1";
      return;
    }
    event.dataset.fold = "1";
  }

  /* What is worst, then what is newest, gets its words first. */
  const first = (a, b) => (a.dataset.lv || 9) - (b.dataset.lv || 9) || b.dataset.at - a.dataset.at;

  function lay(axis) {
    const from = Math.floor((now() - BACK) / HOUR) * HOUR;
    const at = share(now(), from) + "%";
    ticks(axis, from);
    axis.querySelector(".past").style.width = at;
    axis.querySelector(".now").style.left = at;
    axis.querySelector(".bars").textContent = "";
    const events = [...axis.querySelectorAll(".ev")];
    events.forEach((event) => {
      stand(event, from);
      bar(axis, event, from);
    });
    const lanes = Array.from({ length: LANES }, () => []);
    const width = axis.clientWidth;
    events.filter((event) => !event.hidden).sort(first).forEach((event) => place(event, lanes, width));
  }

  const all = () => document.querySelectorAll("[data-timeline]").forEach(lay);
  document.addEventListener("hall:painted", (event) => {
    const list = document.getElementById(event.detail);
    if (list && list.closest("[data-timeline]")) all();
  });
  window.addEventListener("resize", all);
  setInterval(all, 20e3);
})();
