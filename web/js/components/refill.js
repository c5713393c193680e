// A view whose content comes later, or anew, leaves its reader where they are: at the heading or link that has the focus,
// and as far along each row as they have scrolled it.

import { announce } from "../core/router.js";

/** Replace what is in `view`. */
export function refill(view, ...children) {
  const focused = view.contains(document.activeElement) ? document.activeElement : null;
  const scrolled = new Map(strips(view).map((strip) => [rowOf(strip), strip.scrollLeft]));
  view.replaceChildren(...children);
  for (const strip of strips(view)) strip.scrollLeft = scrolled.get(rowOf(strip)) ?? 0;
  if (focused) focus(view, focused);
}

function strips(view) {
  return [...view.querySelectorAll(".strip")];
}

function rowOf(element) {
  return element.closest(".row")?.querySelector("h2")?.textContent;
}

// a film may stand in several rows
function focus(view, before) {
  const alike = [...view.querySelectorAll("a")].filter((link) => link.href === before.href);
  const link = alike.find((each) => rowOf(each) === rowOf(before)) ?? alike[0];
  if (link) link.focus({ preventScroll: true });
  else announce(view);
}
