/* How a unit looks: frame = service, fill = state. Signs are drawn once and kept as small pictures. */
(function () {
  "use strict";
  const hall = window.dash_clientside.hall;
  const FRAME = { POL: "shield", PAP: "shield", MED: "round", EMT: "arch", UTL: "arch", UAV: "leaf" };
  const kept = new Map();
  let ink = null;

  /* The colours of the signs, read from the tokens once. */
  function colours() {
    const token = hall.token;
    ink = ink || { fg: token("--fg-0"), paper: token("--m-halo"), data: token("--data"), dim: token("--fg-1"), off: token("--line-2"), back: token("--bg-0"), font: token("--cjk") };
    return ink;
  }

  const TRACE = {
    round: (ctx, r) => ctx.arc(0, 0, r, 0, Math.PI * 2),
    shield(ctx, r) {
      ctx.moveTo(-r, -r);
      ctx.lineTo(r, -r);
      ctx.lineTo(r, r * 0.3);
      ctx.quadraticCurveTo(r * 0.8, r, 0, r * 1.15);
      ctx.quadraticCurveTo(-r * 0.8, r, -r, r * 0.3);
    },
    arch(ctx, r) {
      ctx.moveTo(-r, r);
      ctx.lineTo(-r, 0);
      ctx.arc(0, 0, r, Math.PI, 0);
      ctx.lineTo(r, r);
    },
    leaf(ctx, r) {
      ctx.moveTo(-r, r);
      ctx.lineTo(-r, 0);
      ctx.quadraticCurveTo(-r, -r, 0, -r);
      ctx.lineTo(r, -r);
      ctx.lineTo(r, 0);
      ctx.quadraticCurveTo(r, r, 0, r);
    },
    square: (ctx, r) => ctx.rect(-r, -r, 2 * r, 2 * r),
  };

  /* Line, fill and letter of a state. */
  function style(state, c) {
    if (state === "there") return { line: c.fg, fill: c.fg, word: c.back, dash: [] };
    if (state === "lost") return { line: c.dim, fill: c.paper, word: c.dim, dash: [0.12, 0.2] };
    if (state === "under") return { line: c.fg, fill: c.paper, word: c.fg, dash: [] };
    if (state === "off") return { line: c.off, fill: c.paper, word: c.off, dash: [] };
    return { line: c.data, fill: c.paper, word: c.data, dash: [0.35, 0.25] };
  }

  function paint(force, state, r, ratio) {
    const c = colours();
    const half = Math.ceil(r * 1.4);
    const picture = document.createElement("canvas");
    picture.width = picture.height = 2 * half * ratio;
    const ctx = picture.getContext("2d");
    ctx.setTransform(ratio, 0, 0, ratio, half * ratio, half * ratio);
    const look = style(state, c);
    ctx.lineWidth = Math.max(1, r * 0.16);
    ctx.setLineDash(look.dash.map((part) => part * r));
    ctx.strokeStyle = look.line;
    ctx.fillStyle = look.fill;
    ctx.beginPath();
    TRACE[FRAME[force] || "square"](ctx, r);
    ctx.closePath();
    ctx.fill();
    ctx.stroke();
    ctx.fillStyle = look.word;
    ctx.textAlign = "center";
    ctx.textBaseline = "middle";
    ctx.font = `700 ${Math.round(r * 1.25)}px ${c.font}`;
    ctx.fillText(hall.t(`mark.${force}`), 0, r * 0.08);
    return { picture, half };
  }

  function sign(force, state, r, ratio) {
    const key = `${force}|${state}|${r}|${ratio}`;
    if (!kept.has(key)) kept.set(key, paint(force, state, r, ratio));
    return kept.get(key);
  }

  function stamp(ctx, force, state, r, point, ratio) {
    const { picture, half } = sign(force, state, r, ratio);
    ctx.drawImage(picture, point.x - half, point.y - half, 2 * half, 2 * half);
  }

  /* Units that stand too close to be told apart: how many; beside a name that stands there. */
  function crowd(ctx, count, place, scale, taken = []) {
    const c = colours();
    const words = String(count);
    ctx.font = `600 ${Math.round(12 * scale)}px ${c.font}`;
    const w = ctx.measureText(words).width / 2 + 6 * scale;
    const h = 10 * scale;
    const point = beside(place, w, h, taken);
    ctx.fillStyle = c.paper;
    ctx.strokeStyle = c.data;
    ctx.lineWidth = scale;
    ctx.beginPath();
    ctx.rect(point.x - w, point.y - h, 2 * w, 2 * h);
    ctx.fill();
    ctx.stroke();
    ctx.fillStyle = c.data;
    ctx.textAlign = "center";
    ctx.textBaseline = "middle";
    ctx.fillText(words, point.x, point.y);
  }

  /* The nearest of a few places round a point whose box is free; the point itself if none is. */
  function beside({ x, y }, w, h, taken) {
    const steps = [[0, 0], [0, 2.2 * h], [0, -2.2 * h], [2.4 * w, 0], [-2.4 * w, 0], [0, 3.6 * h], [0, -3.6 * h]];
    const found = steps.find(([dx, dy]) => free({ x: x + dx - w, y: y + dy - h, w: 2 * w, h: 2 * h }, taken));
    return { x: x + (found ? found[0] : 0), y: y + (found ? found[1] : 0) };
  }

  /* Signs of one place: the first of them, and how many stand there. */
  function pile(ctx, count, point, r, scale) {
    const c = colours();
    ctx.font = `700 ${Math.round(9 * scale)}px ${c.font}`;
    ctx.textAlign = "center";
    ctx.textBaseline = "middle";
    const w = Math.max(11 * scale, ctx.measureText(String(count)).width + 5 * scale);
    const at = { x: point.x + r + w / 2 - 4 * scale, y: point.y - r };
    ctx.fillStyle = c.paper;
    ctx.fillRect(at.x - w / 2, at.y - 6 * scale, w, 12 * scale);
    ctx.fillStyle = c.fg;
    ctx.fillText(String(count), at.x, at.y);
  }

  const free = (box, taken) => taken.every((one) => box.x > one.x + one.w || box.x + box.w < one.x || box.y > one.y + one.h || box.y + box.h < one.y);

  const inside = (box, size) => box.x >= 0 && box.y >= 0 && box.x + box.w <= size.x && box.y + box.h <= size.y;

  const covered = (box, one) => Math.max(0, Math.min(box.x + box.w, one.x + one.w) - Math.max(box.x, one.x)) * Math.max(0, Math.min(box.y + box.h, one.y + one.h) - Math.max(box.y, one.y));

  /* Of some places beside a point ([x, y] of the box's corner from it) the first in the map that is
     free; where none is, the one that, moved into the map, lies least on what is there. */
  function place(offsets, point, { w, h }, taken, size) {
    const boxes = offsets.map(([x, y]) => ({ x: point.x + x, y: point.y + y, w, h }));
    const found = boxes.find((one) => inside(one, size) && free(one, taken));
    if (found) return found;
    const into = (at, long, most) => Math.max(0, Math.min(at, most - long));
    const moved = boxes.map((one) => ({ ...one, x: into(one.x, w, size.x), y: into(one.y, h, size.y) }));
    const lies = (box) => taken.reduce((sum, one) => sum + covered(box, one), 0);
    return moved.map((one) => [lies(one), one]).reduce((least, one) => (one[0] < least[0] ? one : least))[1];
  }

  /* Units at one place, a line each beside it: sign, arrival, name; a line leads back to the place.
     More than six, or fewer where there is no room for six, are counted under the last. */
  const LINES = [6, 4, 3, 2];
  function stack(ctx, units, point, look) {
    const { scale, ratio, taken } = look;
    const c = colours();
    const [r, row, pad] = [10 * scale, 25 * scale, 5 * scale];
    ctx.font = `600 ${Math.round(12 * scale)}px ${c.font}`;
    const tried = LINES.map((most) => sized(ctx, units, most, point, look));
    const { shown, more, box } = tried.find((one) => free(one.box, taken)) || tried[LINES.length - 1];
    taken.push(box);
    lead(ctx, point, box, c, scale);
    ctx.fillStyle = c.paper;
    ctx.fillRect(box.x, box.y, box.w, box.h);
    shown.forEach((one, n) => line(ctx, one, { x: box.x + pad + r, y: box.y + row * (n + 0.5) }, { r, pad, ratio }));
    ctx.font = `600 ${Math.round(12 * scale)}px ${c.font}`;
    ctx.fillStyle = c.dim;
    if (more) ctx.fillText(more, box.x + 2 * pad + 2 * r, box.y + row * (shown.length + 0.5));
  }

  /* The list with at most so many lines, and the best place for it. */
  function sized(ctx, units, most, point, { scale, taken, size }) {
    const [r, row, pad, gap] = [10 * scale, 25 * scale, 5 * scale, 30 * scale];
    const shown = units.slice(0, most);
    const more = units.length > most ? hall.t("map.more_units", { n: units.length - most }) : "";
    const wide = (one) => ctx.measureText(`${one.words}`).width + (one.eta ? ctx.measureText(one.eta).width + 2 * pad : 0);
    const w = Math.max(...shown.map(wide), ctx.measureText(more).width) + 2 * r + 4 * pad;
    const h = (shown.length + (more ? 1 : 0)) * row;
    const places = [gap, 2 * gap, 4 * gap].flatMap((far) => round(far, w, h));
    return { shown, more, box: place(places, point, { w, h }, taken, size) };
  }

  const round = (gap, w, h) => [[-gap - w, -h / 2], [gap, gap * 0.7], [-w / 2, gap], [-w / 2, -gap - h], [-gap - w, gap * 0.7], [-gap - w, -gap * 0.7 - h], [gap, -gap * 0.7 - h], [2 * gap, -h / 2]];

  function lead(ctx, point, box, c, scale) {
    ctx.strokeStyle = c.fg;
    ctx.lineWidth = 1.5 * scale;
    ctx.beginPath();
    ctx.moveTo(point.x, point.y);
    ctx.lineTo(Math.min(Math.max(point.x, box.x), box.x + box.w), Math.min(Math.max(point.y, box.y), box.y + box.h));
    ctx.stroke();
  }

  function line(ctx, { force, state, eta, words }, point, { r, pad, ratio }) {
    const c = colours();
    stamp(ctx, force, state, r, point, ratio);
    ctx.font = `600 ${Math.round(r * 1.2)}px ${c.font}`;
    ctx.textAlign = "left";
    ctx.textBaseline = "middle";
    let x = point.x + r + pad;
    if (eta) {
      const w = ctx.measureText(eta).width + 2 * pad;
      ctx.fillStyle = c.fg;
      ctx.fillRect(x, point.y - r * 0.9, w, r * 1.8);
      ctx.fillStyle = c.back;
      ctx.fillText(eta, x + pad, point.y);
      x += w;
    }
    ctx.fillStyle = c.fg;
    ctx.fillText(words, x + pad, point.y);
  }

  /* Name and arrival beside a sign, on the side where there is room; nowhere if there is none. */
  function chip(ctx, { eta, words }, point, r, scale, taken, size) {
    const c = colours();
    ctx.font = `600 ${Math.round(12 * scale)}px ${c.font}`;
    ctx.textAlign = "left";
    ctx.textBaseline = "middle";
    const pad = 4 * scale;
    const lead = eta ? ctx.measureText(eta).width + 2 * pad : 0;
    const w = lead + ctx.measureText(words).width + 2 * pad;
    const h = 18 * scale;
    const places = [[r + pad, -h / 2], [-r - pad - w, -h / 2], [-w / 2, r + pad], [-w / 2, -r - pad - h]];
    const box = places.map(([x, y]) => ({ x: point.x + x, y: point.y + y, w, h })).find((one) => inside(one, size) && free(one, taken));
    if (!box) return;
    taken.push(box);
    ctx.fillStyle = c.paper;
    ctx.fillRect(box.x, box.y, w, h);
    if (eta) {
      ctx.fillStyle = c.fg;
      ctx.fillRect(box.x, box.y, lead, h);
      ctx.fillStyle = c.back;
      ctx.fillText(eta, box.x + pad, box.y + h / 2);
    }
    ctx.fillStyle = c.fg;
    ctx.fillText(words, box.x + lead + pad, box.y + h / 2);
  }

  hall.signs = { stamp, crowd, pile, stack, chip, free, place };
})();
