"""Percentiles, and what a page needs to say when something was painted."""

import math
from collections.abc import Sequence

WATCH = """() => {
  window.painted = new Map();
  const wanted = /bench-\\d+-\\d+/g;
  const look = () => {
    const now = performance.timeOrigin + performance.now();
    for (const mark of document.body.innerText.match(wanted) || []) {
      if (!window.painted.has(mark)) window.painted.set(mark, now);
    }
  };
  let due = false;
  const after = () => { due = false; look(); };
  const channel = new MessageChannel();
  channel.port1.onmessage = after;
  new MutationObserver((changes) => {
    if (due) return;
    if (!changes.some((one) => /bench-/.test(one.target.textContent))) return;
    due = true;
    requestAnimationFrame(() => channel.port2.postMessage(0));
  }).observe(document.body, { childList: true, characterData: true, subtree: true });
}"""
"""Notes the time (ms since the epoch) of the frame in which a `bench-…` text was first painted:
a message posted inside the frame's callback arrives when that frame's work is done."""

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
