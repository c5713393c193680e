// What changes under somebody's hands leaves the focus there: it would be at the page's beginning, and nobody would say so.

import { land } from "../core/router.js";

/**
 * Change a list by `change()`. The focus is at the same button of the same entry (one with the same `data-key`) afterwards, or
 * of what took its place; where there is none, at the heading of what the list belongs to.
 */
export function keepFocus(list, change) {
  const held = [...list.children].find((entry) => entry.contains(document.activeElement));
  if (!held) return change();
  const place = [...list.children].indexOf(held);
  const which = controls(held).indexOf(document.activeElement);
  change();
  if (list.contains(document.activeElement)) return;
  const entries = [...list.children];
  const next = entries.find((entry) => entry.dataset.key && entry.dataset.key === held.dataset.key) ?? entries[place] ?? entries.at(-1);
  const found = next ? controls(next) : [];
  const control = found[which] ?? found[0];
  if (control) control.focus();
  else land(list.closest("section, main").querySelector("h1, h2"));
}

/** Change what is in `part` by `change()`. If the focus was in it, its first button has the focus afterwards, or else `heading`. */
export function keepFocusIn(part, heading, change) {
  const isHeld = part.contains(document.activeElement);
  change();
  if (!isHeld) return;
  const button = part.querySelector("button");
  if (button) button.focus();
  else land(heading);
}

function controls(entry) {
  return [...entry.querySelectorAll("a, button")];
}
