/* Signs in by the link's token, which stands after the # and so is in no server's log. */
(function () {
  "use strict";
  const say = document.querySelector("[data-say]");
  const form = document.querySelector("form");
  if (!say || !form) return;

  function tell(what) {
    say.textContent = say.dataset[what];
    form.hidden = what === "entering";
  }

  async function enter(token) {
    tell("entering");
    const answer = await fetch("/sign-in/link", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ token }),
    });
    if (!answer.ok) return tell("refused");
    const { to } = await answer.json();
    location.replace(to + location.search);
  }

  function begin() {
    const token = location.hash.slice(1);
    if (!token) return;
    history.replaceState(null, "", location.pathname + location.search);
    enter(token).catch(() => tell("unreachable"));
  }

  addEventListener("hashchange", begin);
  begin();
})();
