// What stands where content will be, so that nothing jumps when it comes.

import { h } from "../core/dom.js";

const block = (name) => h("div", { class: `skeleton ${name}` });

export function heroSkeleton() {
  return h("div", { class: "hero waiting", "aria-hidden": "true" }, h("div", { class: "words" }, block("line wide"), block("line"), block("line short")));
}

export function rowSkeleton() {
  const cards = Array.from({ length: 6 }, () => h("li", {}, block("tile")));
  return h("div", { class: "row", "aria-hidden": "true" }, block("line short"), h("div", { class: "reel" }, h("ul", { class: "strip" }, cards)));
}

export function linesSkeleton(count) {
  return h("div", { class: "lines", "aria-hidden": "true" }, Array.from({ length: count }, () => block("bar")));
}
