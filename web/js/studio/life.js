// What became of a film so far: state, percent, each rendition, the timeline, and why it failed.

import { call } from "../core/api.js";
import { h } from "../core/dom.js";
import { percent } from "../core/format.js";
import { keepFocusIn } from "../components/keep_focus.js";
import { press } from "../components/press.js";
import { progress } from "../components/progress.js";
import { followQuietly, isFinished, stateBadge, stateName } from "./status.js";
import { timelineList } from "./timeline.js";

/** The box; `box.again()` looks anew after something was begun, `onChange(status, before)` is called with every new status. */
export function lifeBox(id, signal, onChange) {
  const body = h("div", { class: "life" });
  const timeline = timelineList();
  const spoken = h("p", { class: "unseen", role: "status" });
  const title = h("h2", { id: `life-${id}`, text: "Encoding" });
  const box = h("section", { class: "box now", "aria-labelledby": title.id }, title, spoken, body, timeline);
  const bars = new Map();
  let before = null;
  const show = (status) => {
    if (before?.state !== status.state) spoken.textContent = stateName(status.state); // not each percent
    keepFocusIn(body, title, () => body.replaceChildren(...parts(status, bars, box)));
    timeline.update(status.timeline);
    onChange(status, before);
    before = status;
  };
  let following = new AbortController();
  box.again = () => {
    following.abort();
    following = new AbortController();
    followQuietly(id, show, AbortSignal.any([signal, following.signal]));
  };
  box.again();
  return box;
}

function parts(status, bars, box) {
  return [
    h("div", { class: "head" }, stateBadge(status), h("span", { class: "spring" }), !isFinished(status) && h("span", { class: "figure", text: percent(status.percent) })),
    !isFinished(status) && bar(bars, "All", status.percent),
    status.failure && failure(status, box),
    renditions(status, bars),
  ].filter(Boolean);
}

// a bar is kept from one status to the next, so that it glides and screen readers keep it
function bar(bars, name, value) {
  if (!bars.has(name)) bars.set(name, progress(`${name}: encoded`));
  bars.get(name).update(value);
  return bars.get(name);
}

function renditions({ renditions: all }, bars) {
  const entries = Object.entries(all).sort(([a], [b]) => Number.parseInt(b, 10) - Number.parseInt(a, 10));
  if (!entries.length) return null;
  return h(
    "ul",
    { class: "renditions", role: "list" },
    entries.map(([name, part]) => h("li", { dataset: { state: part.state } }, h("span", { class: "name", text: name }), bar(bars, name, part.percent), h("span", { class: "figure quiet", text: part.state === "ready" ? "Ready" : percent(part.percent) }))),
  );
}

function failure({ id, failure: why }, box) {
  const again = async () => {
    await call("POST", `video/${id}/transcode/`, {});
    box.again();
  };
  return h("div", { class: "trouble" }, h("p", { text: why.message }), h("p", { class: "quiet", text: `${why.code}, at ${why.step}` }), h("button", { type: "button", class: "secondary", text: "Try again", onclick: press(again) }));
}
