// The wall of posters that everybody stands before who is not logged in.

import { h } from "../core/dom.js";
import { logo } from "./shell.js";

const TILES = 120; // enough for any screen; what is beyond its edge is not painted

/** A card with a heading in front of the wall. */
export function entrance(title, ...content) {
  const wall = h("div", { class: "wall", "aria-hidden": "true" }, Array.from({ length: TILES }, () => h("i")));
  return h(
    "div",
    { class: "entrance" },
    wall,
    h("div", { class: "top" }, logo()),
    h("section", { class: "pitch" }, h("p", { class: "claim" }, "Your films, on every screen."), h("p", { class: "quiet", text: "Upload once. A moment later it streams, in the quality that fits." })),
    h("section", { class: "panel" }, h("h1", { text: title }), ...content),
  );
}
