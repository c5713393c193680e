// A row of films that scrolls sideways: by wheel, touch, Tab, and by buttons that appear where there is more.

import { h, uniqueId } from "../core/dom.js";
import { filmCard } from "./film_card.js";
import { icon } from "./icon.js";

export function row(title, films) {
  const id = uniqueId("row");
  const list = h("ul", { class: "strip", role: "list" }, films.map((film) => h("li", {}, filmCard(film))));
  const back = arrow("left", `${title}: back`, () => scroll(list, -1));
  const on = arrow("right", `${title}: more`, () => scroll(list, 1));
  const update = () => {
    back.hidden = list.scrollLeft < 8;
    on.hidden = list.scrollLeft + list.clientWidth > list.scrollWidth - 8;
  };
  list.addEventListener("scroll", update, { passive: true });
  new ResizeObserver(update).observe(list);
  return h("section", { class: "row", "aria-labelledby": id }, h("h2", { id, text: title }), h("div", { class: "reel" }, back, list, on));
}

// Tab reaches every film without them: for a pointer only
function arrow(direction, label, onclick) {
  return h("button", { type: "button", class: `arrow ${direction}`, tabindex: "-1", "aria-label": label, hidden: true, onclick }, icon(direction));
}

function scroll(list, direction) {
  list.scrollBy({ left: direction * list.clientWidth * 0.85, behavior: "smooth" });
}
