/* What a recorded line holds at a moment: which file, where in it, and what is missing there. */
(function () {
  "use strict";
  const hall = window.dash_clientside.hall;
  const LEAST_MS = 1500; // as in the files' own manifests: a shorter pause is no missing stretch
  const STEP_MS = 20;

  const holds = ([from, to], at) => from <= at && at < to;
  const words = (key, from, to) => hall.t(`replay.${key}`, { from: hall.clockText(from), to: hall.clockText(to) });

  /* line: {id, name, clips: [{src, from, to, gaps: {audio, video}}]} in order of time. */
  function at(line, time) {
    const clip = line.clips.find((one) => one.from <= time && time < Math.max(one.to, one.from + STEP_MS));
    if (!clip) return outside(line, time);
    if (!clip.src) return { hole: words("deleted", clip.from, clip.to) };
    const gap = (kind) => (clip.gaps[kind] || []).find((one) => holds(one, time));
    const picture = gap("video");
    const sound = gap("audio");
    const all = ["audio", "video"].every((kind) => !clip.gaps[kind] || gap(kind));
    return {
      clip,
      seconds: (time - clip.from) / 1000,
      seen: Boolean(clip.gaps.video),
      hole: all ? words("missing", ...(picture || sound)) : picture ? words("missing_picture", ...picture) : "",
      silent: sound && !all ? words("missing_sound", ...sound) : "",
    };
  }

  function outside(line, time) {
    const before = line.clips.filter((one) => one.to <= time).pop();
    const after = line.clips.find((one) => one.from > time);
    if (before && after) return { hole: words("missing", before.to, after.from) };
    return { hole: after ? words("early", after.from, after.from) : words("late", before.to, before.to), outside: true };
  }

  /* The stretches of a line that cannot be played, each with its words. */
  function holes(line) {
    const found = [];
    line.clips.forEach((clip, n) => {
      const next = line.clips[n + 1];
      if (!clip.src) found.push({ from: clip.from, to: clip.to, words: words("deleted", clip.from, clip.to) });
      for (const [kind, key] of [["video", "missing_picture"], ["audio", "missing_sound"]]) {
        for (const [from, to] of clip.gaps[kind] || []) found.push({ from, to, words: words(key, from, to), kind });
      }
      if (next && next.from - clip.to > LEAST_MS) found.push({ from: clip.to, to: next.from, words: words("missing", clip.to, next.from) });
    });
    return found;
  }

  hall.replayLine = { at, holes };
})();
