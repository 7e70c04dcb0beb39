/* Paints lists of nodes (layouts/nodes.py): by DOM into our own lists, by React into grid rows.
   Elements come from createElement and words from text nodes, never from markup. */
(function () {
  "use strict";
  const clientside = (window.dash_clientside = window.dash_clientside || {});
  const hall = (clientside.hall = clientside.hall || {});
  hall.sinks = hall.sinks || {};
  const SVG = "http://www.w3.org/2000/svg";
  const DRAWN = new Set(["svg", "g", "path", "circle", "polygon", "rect", "line"]);
  const TAGS = new Set(
    ("div span b i u p small ul ol li h2 h3 button label input textarea select option " +
      "kbd time table thead tbody tr th td a em section nav").split(" ")
  );
  const ATTRIBUTES = new Set(
    ("title role name value type for id tabindex placeholder disabled checked selected min max step " +
      "maxlength rows required autocomplete inputmode d points cx cy r x y x1 y1 x2 y2 width height " +
      "viewBox href colspan lang").split(" ")
  );
  const custom = (name) => /^--[a-z0-9-]+$/.test(name);
  const allowed = (name, value) =>
    name === "href" ? /^[/?#](?!\/)/.test(value) : ATTRIBUTES.has(name) || /^(data|aria)-[a-z0-9-]+$/.test(name) || custom(name);

  /* Takes a node apart: tag, classes, the attributes that may be set, children. */
  function parts(node) {
    const [tag, ...classes] = node[0].split(".");
    const given = node[1] && typeof node[1] === "object" && !Array.isArray(node[1]);
    const pairs = Object.entries(given ? node[1] : {}).filter(([name, value]) => allowed(name, String(value)));
    return {
      tag: TAGS.has(tag) || DRAWN.has(tag) ? tag : "span",
      classes: classes.join(" "),
      pairs,
      children: node.slice(given ? 2 : 1),
    };
  }

  function build(node) {
    if (!Array.isArray(node)) return document.createTextNode(String(node));
    const { tag, classes, pairs, children } = parts(node);
    const element = DRAWN.has(tag) ? document.createElementNS(SVG, tag) : document.createElement(tag);
    if (classes) element.setAttribute("class", classes);
    for (const [name, value] of pairs) {
      if (custom(name)) element.style.setProperty(name, value);
      else element.setAttribute(name, value === true ? "" : value);
    }
    element.append(...children.map(build));
    return element;
  }

  const IN_REACT = {
    for: "htmlFor", tabindex: "tabIndex", maxlength: "maxLength", colspan: "colSpan", value: "defaultValue",
    checked: "defaultChecked", inputmode: "inputMode", autocomplete: "autoComplete",
  };

  /* The same node as a React element, for a row of a grid. */
  function react(node) {
    if (!Array.isArray(node)) return node;
    const { tag, classes, pairs, children } = parts(node);
    const props = classes ? { className: classes } : {};
    for (const [name, value] of pairs) {
      if (custom(name)) props.style = Object.assign(props.style || {}, { [name]: value });
      else props[IN_REACT[name] || name] = value;
    }
    return window.React.createElement(tag, props, ...children.map(react));
  }

  const FIELDS = "input[name], textarea[name], select[name]";
  const ticked = (field) => field.type === "checkbox" || field.type === "radio";
  const place = (field) => field.name + (ticked(field) ? "|" + field.value : "");

  function touched(field) {
    if (ticked(field)) return field.checked !== field.defaultChecked;
    return field.tagName === "SELECT" ? field.dataset.touched === "1" : field.value !== field.defaultValue;
  }

  /* What a person has typed or chosen in a row: a repaint must not lose it. */
  function typed(element) {
    const kept = new Map();
    for (const field of element.querySelectorAll(FIELDS)) {
      const active = field === document.activeElement;
      if (!active && !touched(field)) continue;
      const [start, end] = ticked(field) ? [] : [field.selectionStart, field.selectionEnd];
      kept.set(place(field), { value: field.value, checked: field.checked, touched: touched(field), active, start, end });
    }
    return kept;
  }

  function retype(element, kept) {
    for (const field of element.querySelectorAll(FIELDS)) {
      const was = kept.get(place(field));
      if (!was) continue;
      if (ticked(field)) field.checked = was.touched ? was.checked : field.checked;
      else field.value = was.value;
      if (field.tagName === "SELECT") field.dataset.touched = "1";
      if (!was.active) continue;
      field.focus({ preventScroll: true });
      if (typeof was.start === "number") field.setSelectionRange(was.start, was.end);
    }
  }

  const marked = (element, name) => [...element.querySelectorAll(`[data-${name}]`)];

  /* Puts the fresh line in place of the old with its typed words, open lines and focus. */
  function replace(old, fresh) {
    const kept = typed(old);
    const open = new Set(marked(old, "line").filter((line) => line.dataset.on).map((line) => line.dataset.line));
    const focus = old.contains(document.activeElement) && document.activeElement.dataset.focus;
    old.replaceWith(fresh);
    for (const line of marked(fresh, "line")) if (open.has(line.dataset.line)) line.dataset.on = "1";
    retype(fresh, kept);
    const again = focus && marked(fresh, "focus").find((one) => one.dataset.focus === focus);
    if (again) again.focus({ preventScroll: true });
  }

  function line(lines, row) {
    const known = lines.get(row.id);
    if (known && known.row === row) return known.element;
    const text = JSON.stringify(row.node);
    if (known && known.text === text) {
      known.row = row;
      return known.element;
    }
    const element = build(row.node);
    element.dataset.row = row.id;
    if (known) replace(known.element, element);
    lines.set(row.id, { element, text, row });
    return element;
  }

  function forget(lines, rows) {
    const wanted = new Set(rows.map((row) => row.id));
    for (const [id, known] of lines) {
      if (wanted.has(id)) continue;
      known.element.remove();
      lines.delete(id);
    }
  }

  /* A row that goes further down leaves its place; it is not the others that move past it. */
  function put(list, index, element) {
    const there = list.children[index];
    if (there === element) return;
    const goes = there && there.nextElementSibling === element && !there.contains(document.activeElement);
    if (goes) there.remove();
    else list.insertBefore(element, there || null);
  }

  const rank = (a, b) => (a.rank < b.rank ? -1 : a.rank > b.rank ? 1 : 0);

  /* Where the rows of a list go; only the lines that changed are touched. order: by rank, unless
     somebody wants them otherwise. */
  function sink(list) {
    const lines = new Map();
    return {
      rows: [],
      order: rank,
      set(rows) {
        this.rows = [...rows].sort(this.order);
        forget(lines, this.rows);
        this.rows.forEach((row, index) => put(list, index, line(lines, row)));
        list.dataset.count = String(rows.length);
        if (list.dataset.tells) document.documentElement.toggleAttribute(`data-${list.dataset.tells}`, rows.length > 0);
        document.dispatchEvent(new CustomEvent("hall:painted", { detail: list.id }));
      },
    };
  }

  function adopt() {
    for (const list of document.querySelectorAll("[data-nodes]:not([data-ready])")) {
      list.dataset.ready = "1";
      hall.sinks[list.id] = sink(list);
      document.dispatchEvent(new CustomEvent("hall:sink", { detail: list.id }));
    }
  }

  document.addEventListener("change", (event) => {
    if (event.target.tagName === "SELECT") event.target.dataset.touched = "1";
  });
  new MutationObserver(adopt).observe(document.documentElement, { childList: true, subtree: true });
  adopt();

  const components = (window.dashAgGridComponentFunctions = window.dashAgGridComponentFunctions || {});
  components.NodeRow = (props) => (props.data && props.data.node ? react(props.data.node) : null);
})();
