/* What goes on sounding until somebody answers for it. It outlives a reload, and after an absence
   it is held against what the centre says is still waiting. */
(function () {
  "use strict";
  const hall = window.dash_clientside.hall;
  const AGAIN_MS = { I: 2000, II: 30000 };
  const KEPT = "yiping.ringing";
  const SETTLES = new Set(
    ("AlertAcknowledged AlertVerified AlertDismissed AlertCancelled AlertMerged AlertLinked AlertExpired " +
      "OrderAcknowledged OrderDeclined OrderCancelled ActivationStarted ActivationRejected ActivationLapsed").split(" ")
  );
  const OPEN_ORDERS = new Set(["ISSUED", "DELIVERED", "READ", "DECLINED"]);
  const ringing = new Map(kept());

  function kept() {
    try {
      return JSON.parse(sessionStorage.getItem(KEPT) || "[]");
    } catch (error) {
      return [];
    }
  }
  const keep = () => sessionStorage.setItem(KEPT, JSON.stringify([...ringing]));

  hall.ringing = () => [...ringing.keys()];
  hall.ring = (subject, level) => {
    if (!AGAIN_MS[level]) return;
    ringing.set(subject, { level, next: hall.now() + AGAIN_MS[level] });
    keep();
  };
  function silence(subject) {
    if (ringing.delete(subject)) keep();
  }

  /* The alarms that are to sound again now: [subject, level]. */
  hall.alarmsDue = (now) => {
    const due = hall.clockKnown() ? [...ringing].filter(([, one]) => now >= one.next) : [];
    for (const [, one] of due) one.next = now + AGAIN_MS[one.level];
    return due.map(([subject, one]) => [subject, one.level]);
  };

  hall.settle = (message) => SETTLES.has(message.type) && silence(message.subject);

  /* What this screen itself has dealt with need not wait for the news of it. */
  hall.on("answered", ({ body, answer }) => {
    if (!answer.ok) return;
    for (const id of Object.values(body)) silence(id);
  });

  const ids = (rows) => new Set(rows.map((row) => row.id));
  const WAITING = {
    AL: { picture: "alerts", of: ({ alerts }) => ids(alerts.filter((one) => one.state === "NEW")) },
    ZL: { picture: hall.screen === "phone" ? "phone" : "orders", of: ({ orders }) => ids(orders.filter((one) => OPEN_ORDERS.has(one.state))) },
    MA: { picture: "activations", of: ({ proposed }) => ids(proposed) },
  };
  async function still({ picture, of }) {
    const answer = await fetch(`/api/v1/pictures/${picture}`, { credentials: "same-origin" }).catch(() => null);
    return answer && answer.ok ? of((await answer.json()).picture) : null;
  }

  /* After an absence: what was dealt with meanwhile falls silent. */
  async function check() {
    for (const [kind, source] of Object.entries(WAITING)) {
      const mine = hall.ringing().filter((subject) => subject.startsWith(`${kind}-`));
      const open = mine.length ? await still(source) : null;
      if (open) mine.filter((subject) => !open.has(subject)).forEach(silence);
    }
  }
  hall.on("live", check);
})();
