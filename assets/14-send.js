/* Sends a command until it is answered: the same key every time, so that it happens once. */
(function () {
  "use strict";
  const hall = window.dash_clientside.hall;
  const FIRST_MS = 300;
  const LONGEST_MS = 1000;
  const TIMEOUT_MS = 8000;
  const LATE_MS = 1000; // what has no answer by then is said to be unsent
  const AGAIN = new Set([408, 425, 429]);
  const waiting = new Map(); // key -> from when on it counts as unsent

  const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms * (0.75 + Math.random() / 2)));

  /* One try. Gives {ok, status, body}, or null when nobody answered or the answer is "come again". */
  hall.post = async (name, body, key) => {
    const cut = new AbortController();
    const timer = setTimeout(() => cut.abort(), TIMEOUT_MS);
    try {
      const answer = await fetch(`/api/v1/commands/${name}`, {
        method: "POST",
        credentials: "same-origin",
        headers: { "Content-Type": "application/json", "Idempotency-Key": key },
        body: JSON.stringify(body),
        signal: cut.signal,
      });
      if (answer.status >= 500 || AGAIN.has(answer.status)) return null;
      return { ok: answer.ok, status: answer.status, body: await answer.json().catch(() => ({})) };
    } catch (error) {
      return null;
    } finally {
      clearTimeout(timer);
    }
  };

  /* Carries out a command and resolves to its answer {ok, status, body}; retries until there is one.
     options: {key, state(word), quiet}; the words are pending, sent, refused; nobody waits for what
     is quiet. */
  hall.send = async (name, body = {}, options = {}) => {
    const key = options.key || hall.uuid();
    const state = options.state || (() => {});
    state("pending");
    if (!options.quiet) hall.unsent.add(key);
    let wait = FIRST_MS;
    try {
      for (;;) {
        const answer = await hall.post(name, body, key);
        if (answer) {
          state(answer.ok ? "sent" : "refused");
          hall.tell("answered", { name, body, key, answer });
          return answer;
        }
        if (!options.quiet) hall.unsent.add(key, 0);
        await pause(wait);
        wait = Math.min(LONGEST_MS, wait * 2);
      }
    } finally {
      hall.unsent.drop(key);
    }
  };

  /* What somebody did and the centre has not answered: the root says how many there are. */
  hall.unsent = {
    add(key, after = LATE_MS) {
      waiting.set(key, Math.min(waiting.get(key) || Infinity, performance.now() + after));
      count();
    },
    drop(key) {
      waiting.delete(key);
      count();
    },
  };
  function count() {
    const now = performance.now();
    hall.mark("unsent", [...waiting.values()].filter((from) => from <= now).length);
  }
  hall.on("pulse", count);

  /* A schema has a hundred codes for an input that is wrong: people are told which of a few it is. */
  const KINDS = [
    [/too_short$/, "too_short"],
    [/too_long$/, "too_long"],
    [/^(greater|less)_than|^finite_number$|parsing_size$/, "out_of_range"],
  ];
  function said({ code = "", status }) {
    const [, kind] = KINDS.find(([codes]) => codes.test(code)) || [];
    const keys = [code, kind, status === 422 ? "invalid" : "other"].filter(Boolean).map((word) => `refused.${word}`);
    return hall.t(keys.find((key) => hall.t(key) !== key));
  }

  /* What a refusal says to a person, always in the product's own words; and which thing it is about,
     for of many only one may be at fault. */
  hall.reason = (body) => [said(body), ...Object.values(body.about || {})].filter(Boolean).join(" · ");
})();
