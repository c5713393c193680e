// What stands in a view's place while nobody can tell who is logged in: that is no reason to ask for a password.

import { h } from "../core/dom.js";
import { empty } from "./empty.js";

/** `again` is called when the person wants to try once more. */
export function unanswered(error, again) {
  const button = h("button", { type: "button", class: "primary", text: "Try again", onclick: again });
  return h("div", { class: "page", role: "alert" }, empty("warning", "Videoflix does not answer", error.message, button));
}
