/* Draws data-spark = {values:[number|null], low, high, scale:[low, high]} as a line with its
   normal band and a dot at the last value; a hole stays a hole. */
(function () {
  "use strict";
  const SVG = "http://www.w3.org/2000/svg";
  const WIDE = 100;
  const HIGH = 100;

  function shape(name, attributes) {
    const element = document.createElementNS(SVG, name);
    for (const key of Object.keys(attributes)) element.setAttribute(key, attributes[key]);
    return element;
  }

  function line(values, y) {
    const step = WIDE / Math.max(1, values.length - 1);
    let pen = false;
    return values
      .map((value, index) => {
        if (value === null) {
          pen = false;
          return "";
        }
        const to = (pen ? "L" : "M") + (index * step).toFixed(2) + " " + y(value).toFixed(2);
        pen = true;
        return to;
      })
      .join("");
  }

  function band(spark, y) {
    const top = y(Math.min(spark.high === null ? spark.scale[1] : spark.high, spark.scale[1]));
    const bottom = y(Math.max(spark.low === null ? spark.scale[0] : spark.low, spark.scale[0]));
    return shape("rect", { class: "band", x: 0, width: WIDE, y: top, height: Math.max(0, bottom - top) });
  }

  function draw(element) {
    const spark = JSON.parse(element.dataset.spark || "null");
    element.textContent = "";
    if (!spark || !spark.values.some((value) => value !== null)) return;
    const [low, high] = spark.scale;
    const span = high - low || 1;
    const y = (value) => HIGH - (Math.min(Math.max(value, low), high) - low) / span * HIGH;
    const svg = shape("svg", { viewBox: `0 0 ${WIDE} ${HIGH}`, preserveAspectRatio: "none", "aria-hidden": "true" });
    if (spark.low !== null || spark.high !== null) svg.append(band(spark, y));
    svg.append(shape("path", { class: "line", d: line(spark.values, y) }));
    element.append(svg, dot(spark.values, y));
  }

  /* The dot is an element of its own: in a stretched drawing it would not be round. */
  function dot(values, y) {
    const last = values.length - 1 - [...values].reverse().findIndex((value) => value !== null);
    const mark = document.createElement("i");
    mark.className = "dot";
    mark.style.left = (last / Math.max(1, values.length - 1)) * 100 + "%";
    mark.style.top = y(values[last]) + "%";
    return mark;
  }

  new MutationObserver((changes) => {
    const touched = new Set();
    for (const change of changes) {
      if (change.type === "attributes") touched.add(change.target);
      for (const node of change.addedNodes) {
        if (node.nodeType !== 1) continue;
        if (node.matches("[data-spark]")) touched.add(node);
        node.querySelectorAll("[data-spark]").forEach((inner) => touched.add(inner));
      }
    }
    touched.forEach(draw);
  }).observe(document.documentElement, { childList: true, subtree: true, attributes: true, attributeFilter: ["data-spark"] });
})();
