import { h } from "../core/dom.js";
import { empty } from "../components/empty.js";

/** The view of an address that leads nowhere. */
export function notFound() {
  return h("div", { class: "page" }, h("h1", { class: "unseen", text: "Not found" }), empty("film", "There is nothing here", "This address leads to no page.", h("a", { class: "button primary", href: "#/", text: "All films" })));
}
