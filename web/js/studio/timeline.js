// What happened to a film, the latest first. The list stays in its place while it grows: who reads it, scrolls it or closed
// it is not disturbed each second.

import { h } from "../core/dom.js";
import { moment, timeOfDay } from "../core/format.js";

/** The list; `update(entries)` puts in what is new of the API's entries, which come in their order. */
export function timelineList() {
  const list = h("ol", { tabindex: "0", "aria-label": "Timeline" });
  const box = h("details", { class: "timeline", open: true, hidden: true }, h("summary", { text: "Timeline" }), list);
  let shown = [];
  box.update = (entries) => {
    const said = entries.map((entry) => JSON.stringify(entry));
    const isGrown = shown.every((each, index) => each === said[index]); // a long one loses entries, too
    const items = entries.map(item).reverse();
    if (isGrown) list.prepend(...items.slice(0, said.length - shown.length));
    else list.replaceChildren(...items);
    shown = said;
    box.hidden = false;
  };
  return box;
}

function item(entry) {
  return h("li", {}, h("time", { datetime: entry.at, title: moment(entry.at), class: "quiet", text: timeOfDay(entry.at) }), h("span", { text: entry.event }));
}
