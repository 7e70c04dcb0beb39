/* Lists without a framework: one copy of the prototype before the list for each row, its parts
   filled from the row's fields. Text is set as text, never as markup. */
(function () {
  "use strict";
  const clientside = (window.dash_clientside = window.dash_clientside || {});
  const hall = (clientside.hall = clientside.hall || {});
  hall.sinks = hall.sinks || {};

  function fill(element, target, value) {
    if (target === "text") {
      const words = value === null || value === undefined ? "" : String(value);
      if (element.textContent !== words) element.textContent = words;
    } else if (target === "show") {
      element.hidden = !value;
    } else if (target.startsWith("--")) {
      element.style.setProperty(target, value);
    } else if (value === null || value === undefined || value === false) {
      element.removeAttribute(target);
    } else {
      element.setAttribute(target, value === true ? "" : String(value));
    }
  }

  function paint(node, row) {
    for (const element of [node, ...node.querySelectorAll("[data-bind]")]) {
      for (const pair of (element.dataset.bind || "").split(" ").filter(Boolean)) {
        const cut = pair.indexOf("=");
        fill(element, pair.slice(0, cut), row[pair.slice(cut + 1)]);
      }
    }
  }

  function copy(list) {
    const prototype = list.previousElementSibling;
    const node = prototype.firstElementChild.cloneNode(true);
    for (const element of [node, ...node.querySelectorAll("[id]")]) element.removeAttribute("id");
    return node;
  }

  function rank(a, b) {
    return a.rank < b.rank ? -1 : a.rank > b.rank ? 1 : a.id < b.id ? -1 : 1;
  }

  function sink(list) {
    const shown = new Map();
    let filled = false;
    function node(row) {
      let known = shown.get(row.id);
      if (!known) {
        known = { node: copy(list), text: null };
        known.node.dataset.id = row.id;
        if (filled) known.node.dataset.new = "1";
        shown.set(row.id, known);
      }
      const text = JSON.stringify(row);
      if (text !== known.text) {
        known.text = text;
        paint(known.node, row);
      }
      return known.node;
    }
    function drop(kept) {
      for (const [id, known] of shown) {
        if (kept.has(id)) continue;
        known.node.remove();
        shown.delete(id);
      }
    }
    return {
      set(rows) {
        const sorted = [...rows].sort(rank);
        drop(new Set(sorted.map((row) => row.id)));
        sorted.forEach((row, index) => {
          const element = node(row);
          if (list.children[index] !== element) list.insertBefore(element, list.children[index]);
        });
        list.dataset.count = String(sorted.length);
        filled = true;
      },
    };
  }

  /* Lists appear when Dash mounts the page: each gets its sink then, and asks for what it missed. */
  function adopt() {
    for (const list of document.querySelectorAll("[data-rows]:not([data-ready])")) {
      list.dataset.ready = "1";
      hall.sinks[list.id] = sink(list);
      document.dispatchEvent(new CustomEvent("hall:sink", { detail: list.id }));
    }
  }

  new MutationObserver(adopt).observe(document.documentElement, { childList: true, subtree: true });
  adopt();
})();
