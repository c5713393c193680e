// The viewer's page: which view belongs to which address, and who may open it.

import { sessionEvents } from "../core/api.js";
import { go, start } from "../core/router.js";
import { current } from "../core/session.js";
import { fillHeader, markCurrent } from "../components/shell.js";
import { say } from "../components/toast.js";
import { unanswered } from "../components/unanswered.js";
import { accountView } from "./account.js";
import { browse } from "./browse.js";
import { enter, forgotten, login, register } from "./entrance.js";
import { notFound } from "./not_found.js";
import { searchView } from "./search.js";
import { watch } from "./watch.js";

const header = document.querySelector("header");
const routes = [
  { name: "browse", path: /^\/$/, view: browse },
  { name: "watch", path: /^\/watch\/(\d+)$/, title: "Watch", view: watch },
  { name: "search", path: /^\/search$/, title: "Search", view: searchView },
  { name: "account", path: /^\/account$/, title: "Account", view: accountView },
  { name: "login", path: /^\/login$/, title: "Log in", view: login, isOpen: true },
  { name: "register", path: /^\/register$/, title: "Register", view: register, isOpen: true },
  { name: "forgotten", path: /^\/forgotten$/, title: "Forgotten password", view: forgotten, isOpen: true },
];

let greeted = null;

async function before(route, address) {
  const asked = current();
  const account = await (route.isOpen ? asked.catch(() => null) : asked); // a form answers for itself
  if (account && route.name === "login") return enter(new URLSearchParams(address.split("?")[1]));
  if (route.isOpen) header.replaceChildren();
  else if (!account) return `/login?next=${encodeURIComponent(address)}`;
  else if (greeted !== account || !header.childElementCount) {
    greeted = account;
    const searched = new URLSearchParams(address.split("?")[1]).get("q") ?? "";
    fillHeader(header, { account, links: [["/#/", "Films"], ["/studio/#/", "Studio"]], search, searched });
  }
  header.hidden = Boolean(route.isOpen);
  markCurrent(header);
  return null;
}

function search(text) {
  const isSearching = location.hash.startsWith("#/search");
  if (text) go(`/search?q=${encodeURIComponent(text)}`, { replace: isSearching });
  else if (isSearching) go("/");
}

const router = start(document.querySelector("main"), routes, { before, missing: { name: "missing", title: "Not found", view: notFound }, unanswered });

sessionEvents.addEventListener("ended", () => {
  if (!greeted) return; // a first visit: nobody's session ended
  greeted = null;
  say("Your session has ended. Please log in again.");
  router.again();
});
