// The studio: where films are uploaded and looked after, and where staff looks after people and failures.

import { sessionEvents } from "../core/api.js";
import { h } from "../core/dom.js";
import { start } from "../core/router.js";
import { current } from "../core/session.js";
import { empty } from "../components/empty.js";
import { fillHeader, markCurrent } from "../components/shell.js";
import { unanswered } from "../components/unanswered.js";
import { failedView } from "./failed.js";
import { filmView } from "./film.js";
import { filmsView } from "./films.js";
import { peopleView } from "./people.js";

const header = document.querySelector("header");
const leave = () => location.assign(`/#/login?next=${encodeURIComponent(location.pathname + location.hash)}`);
const routes = [
  { name: "films", path: /^\/$/, title: "Studio", view: filmsView },
  { name: "film", path: /^\/film\/(\d+)$/, title: "Film", view: filmView },
  { name: "people", path: /^\/people$/, title: "People", view: peopleView, isForStaff: true },
  { name: "failed", path: /^\/failed$/, title: "Failed films", view: failedView, isForStaff: true },
];
const missing = {
  name: "missing",
  title: "Not found",
  view: () => h("div", { class: "page" }, h("h1", { class: "unseen", text: "Not found" }), empty("film", "There is nothing here", "This address leads to no page.", h("a", { class: "button primary", href: "#/", text: "Studio" }))),
};

async function before(route) {
  const account = await current();
  if (!account) {
    leave();
    return new Promise(() => {}); // the page is being left
  }
  if (!header.childElementCount) fillHeader(header, { account, links: links(account) });
  markCurrent(header);
  return route.isForStaff && !account.is_staff ? "/" : null;
}

function links(account) {
  const staff = [["/studio/#/people", "People"], ["/studio/#/failed", "Failed"]];
  return [["/#/", "Films"], ["/studio/#/", "Studio"], ...(account.is_staff ? staff : [])];
}

start(document.querySelector("main"), routes, { before, missing, unanswered });
sessionEvents.addEventListener("ended", leave);
