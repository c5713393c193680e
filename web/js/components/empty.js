// What a list says when there is nothing on it.

import { h } from "../core/dom.js";
import { icon } from "./icon.js";

/** `action` is a link or button to what one would do next. */
export function empty(picture, title, text, action) {
  return h("div", { class: "empty" }, icon(picture), h("h2", { text: title }), h("p", { class: "quiet", text }), action);
}
