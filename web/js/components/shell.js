// The bar at the top of every page that somebody is logged in to.

import { h, settled } from "../core/dom.js";
import { config } from "../core/config.js";
import { logOut } from "../core/session.js";
import { icon } from "./icon.js";
import { complain } from "./toast.js";

// the skip link's `#main` must not count as an address of a view
document.querySelector(".skip")?.addEventListener("click", (event) => {
  event.preventDefault();
  document.querySelector("main").focus();
});

export function logo() {
  return h("a", { class: "logo", href: "/#/", "aria-label": "Videoflix, home" }, h("span", { class: "mark", "aria-hidden": "true" }), h("span", { class: "name", text: "Videoflix" }));
}

/**
 * Fill the header. `links` are `[address, label]`; `search`, if given, is called with what is typed.
 */
export function fillHeader(header, { account, links = [], search, searched = "" }) {
  header.replaceChildren(
    logo(),
    h("nav", { "aria-label": "Main" }, links.map(([href, label]) => h("a", { href, text: label }))),
    h("span", { class: "spring" }),
    search ? searchBox(search, searched) : "",
    account ? menu(account) : "",
  );
}

/** Mark the link of the page that is shown. */
export function markCurrent(header) {
  for (const link of header.querySelectorAll("nav a")) {
    const isHere = link.href.split("#")[0] === location.href.split(/[?#]/)[0] && (link.hash || "#/") === (location.hash.split("?")[0] || "#/");
    if (isHere) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
}

function searchBox(search, searched) {
  const input = h("input", {
    type: "search",
    "aria-label": "Search films",
    placeholder: "Search",
    autocomplete: "off",
    spellcheck: "false",
    maxlength: "255",
    oninput: () => ((waits = true), later(location.hash)),
  });
  let waits = false; // for the next letter, before it is searched for
  // who has followed a link or pressed Enter meanwhile is not fetched back; the address changes only some time after a click
  const later = settled((address) => waits && address === location.hash && search(input.value.trim()), 250);
  document.addEventListener("click", (event) => event.target.closest("a") && (waits = false));
  input.value = searched;
  return h("form", { class: "search", role: "search", onsubmit: (event) => (event.preventDefault(), search(input.value.trim())) }, icon("search"), input);
}

function menu(account) {
  const mailbox = h("a", { href: "/mailbox/", text: "Mailbox", hidden: true });
  config().then(({ mailbox: isThere }) => (mailbox.hidden = !isThere));
  const details = h(
    "details",
    { class: "menu", onkeydown: (event) => event.key === "Escape" && giveBack(), onfocusout: (event) => event.relatedTarget && !details.contains(event.relatedTarget) && close() },
    h("summary", { "aria-label": "Account", title: account.email }, h("span", { "aria-hidden": "true", text: account.email.charAt(0).toUpperCase() })),
    h(
      "div",
      { class: "sheet" },
      h("p", { class: "quiet", text: account.email }),
      h("a", { href: "/#/account", text: "Account" }),
      mailbox,
      h("button", { type: "button", text: "Log out", onclick: leave }),
    ),
  );
  function close() {
    details.open = false;
  }
  function giveBack() {
    if (!details.open) return;
    close();
    details.querySelector("summary").focus();
  }
  details.addEventListener("click", (event) => event.target.closest("a") && close());
  document.addEventListener("click", (event) => !details.contains(event.target) && close());
  return details;
}

async function leave() {
  try {
    await logOut();
  } catch (error) {
    complain(error, { action: { label: "Log out again", run: leave } });
    return; // or it would look as if nobody were logged in any more
  }
  location.assign("/#/login");
  if (location.pathname === "/") location.reload();
}
