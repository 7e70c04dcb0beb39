"""Percentiles, and what a page needs to say when something was painted."""

import math
from collections.abc import Sequence

WATCH = """(selector) => {
  window.painted = new Map();
  const place = document.querySelector(selector);
  const after = new MessageChannel();
  const frame = window.requestAnimationFrame.bind(window);
  let inFrame = false;
  let due = false;
  window.requestAnimationFrame = (then) => frame((time) => {
    inFrame = true;
    after.port2.postMessage("end");
    then(time);
  });
  const look = () => {
    due = false;
    const now = performance.timeOrigin + performance.now();
    for (const mark of place.textContent.match(/bench-\\d+-\\d+/g) || []) {
      if (!window.painted.has(mark)) window.painted.set(mark, now);
    }
  };
  after.port1.onmessage = ({ data }) => (data === "end" ? (inFrame = false) : look());
  new MutationObserver(() => {
    if (due) return;
    due = true;
    if (inFrame) after.port2.postMessage("look");
    else frame(() => after.port2.postMessage("look"));
  }).observe(place, { childList: true, characterData: true, subtree: true });
}"""
"""Notes the time (ms since the epoch) at which a `bench-…` text inside `selector` was painted.

A change made in a frame's callback is painted by that frame, any other by the next; a message
posted in the frame's callback arrives when that frame's work is done.
"""

SWITCHED = """() => {
  window.switched = null;
  const channel = new MessageChannel();
  channel.port1.onmessage = () => {
    window.switched = window.switched || performance.timeOrigin + performance.now();
  };
  new MutationObserver(() => {
    if (document.documentElement.dataset.mode !== "WARTIME") return;
    requestAnimationFrame(() => channel.port2.postMessage(0));
  }).observe(document.documentElement, { attributes: true, attributeFilter: ["data-mode"] });
}"""
"""Notes the time of the first frame in wartime."""

WAIT_SWITCHED = """() => new Promise((resolve) => {
  const timer = setInterval(() => {
    if (!window.switched) return;
    clearInterval(timer);
    resolve(window.switched);
  }, 20);
})"""
"""Waits for that frame and gives its time."""

FRAMES = """(seconds) => new Promise((resolve) => {
  const gaps = [];
  let last = performance.now();
  const end = last + seconds * 1000;
  const step = (now) => {
    gaps.push(now - last);
    last = now;
    if (now < end) requestAnimationFrame(step); else resolve(gaps.slice(5));
  };
  requestAnimationFrame(step);
})"""
"""The times between frames (ms) over some seconds."""


def percentile(values: Sequence[float], share: float) -> float:
    """The value that `share` of the values do not exceed (nearest rank)."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def summary(values: Sequence[float]) -> dict[str, float]:
    return {
        "p50": round(percentile(values, 0.50), 1),
        "p95": round(percentile(values, 0.95), 1),
        "p99": round(percentile(values, 0.99), 1),
        "n": len(values),
    }
