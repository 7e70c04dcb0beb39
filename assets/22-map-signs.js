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

  /* Units that stand too close to be told apart: how many. */
  function crowd(ctx, count, point, scale) {
    const c = colours();
    const words = String(count);
    ctx.font = `600 ${Math.round(12 * scale)}px ${c.font}`;
    const w = ctx.measureText(words).width / 2 + 6 * scale;
    const h = 10 * scale;
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

  const free = (box, taken) => taken.every((one) => box.x > one.x + one.w || box.x + box.w < one.x || box.y > one.y + one.h || box.y + box.h < one.y);

  /* Name and arrival beside a sign, on the side where there is room; nowhere if there is none. */
  function chip(ctx, { eta, words }, point, r, scale, taken) {
    const c = colours();
    ctx.font = `600 ${Math.round(12 * scale)}px ${c.font}`;
    ctx.textAlign = "left";
    ctx.textBaseline = "middle";
    const pad = 4 * scale;
    const lead = eta ? ctx.measureText(eta).width + 2 * pad : 0;
    const w = lead + ctx.measureText(words).width + 2 * pad;
    const h = 18 * scale;
    const places = [[r + pad, -h / 2], [-r - pad - w, -h / 2], [-w / 2, r + pad], [-w / 2, -r - pad - h]];
    const box = places.map(([x, y]) => ({ x: point.x + x, y: point.y + y, w, h })).find((one) => free(one, taken));
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

  hall.signs = { stamp, crowd, chip, free };
})();
