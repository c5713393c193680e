// All films that one may change, and the place where new ones are dropped.

import { callForAll } from "../core/api.js";
import { h, settled } from "../core/dom.js";
import { amount, date, heading, length } from "../core/format.js";
import { current } from "../core/session.js";
import { empty } from "../components/empty.js";
import { poster } from "../components/film_card.js";
import { keepFocus } from "../components/keep_focus.js";
import { whileNear } from "../components/near.js";
import { linesSkeleton } from "../components/skeleton.js";
import { offerAgain } from "../components/toast.js";
import { dropzone } from "./dropzone.js";
import { followQuietly, stateBadge } from "./status.js";
import { uploadList } from "./upload_list.js";

export function filmsView(_parameters, { signal, filled }) {
  let looking = new AbortController();
  // declared before what calls it at once: an upload that is done already asks for the list
  function show() {
    looking.abort();
    looking = new AbortController();
    if (view) fill({ list, count, view, filled }, search.value.trim(), AbortSignal.any([signal, looking.signal]));
  }
  let view = null;
  const list = h("ul", { class: "films", role: "list" });
  const count = h("p", { class: "quiet", role: "status" });
  const search = h("input", { type: "search", "aria-label": "Search your films", placeholder: "Title or description", maxlength: "255", oninput: settled(show, 250) });
  view = h(
    "div",
    { class: "page" },
    h("h1", { text: "Studio" }),
    dropzone(),
    uploadList(signal, show),
    h("section", { class: "catalogue", "aria-labelledby": "films-title" }, h("div", { class: "head" }, h("h2", { id: "films-title", text: "Your films" }), count, h("span", { class: "spring" }), search), list),
  );
  list.replaceChildren(h("li", {}, linesSkeleton(4)));
  show();
  return view;
}

async function fill({ list, count, view, filled }, words, signal) {
  try {
    const account = await current();
    view.querySelector("#films-title").textContent = account.is_staff ? "All films" : "Your films";
    const films = await callForAll(`video/?manage=true&q=${encodeURIComponent(words)}`, { signal });
    count.textContent = amount(films.length, "film", "films");
    const entries = films.length ? films.map((film) => row(film, account, signal)) : [h("li", {}, nothing(words))];
    keepFocus(list, () => list.replaceChildren(...entries));
    filled();
  } catch (error) {
    offerAgain(error, () => fill({ list, count, view, filled }, words, signal), signal);
  }
}

function nothing(words) {
  return words ? empty("search", "Nothing found", "No title or description has such a word.") : empty("film", "No films yet", "Drop a file above. It is encoded while you write its title.");
}

function row(film, account, signal) {
  const state = h("span", { class: "states" }, visibility(film));
  const facts = [heading(film.category), film.duration && length(film.duration), date(film.created_at), film.owner_id !== account.id && `of user ${film.owner_id}`];
  const entry = h(
    "li",
    { dataset: { key: film.id } },
    h(
      "a",
      { class: "film", href: `#/film/${film.id}` },
      poster(film),
      h("span", { class: "words" }, h("span", { class: "title", text: film.title }), h("span", { class: "facts quiet" }, facts.filter(Boolean).map((fact) => h("span", { text: fact })))),
      state,
    ),
  );
  const show = (status) => state.replaceChildren(stateBadge(status), visibility(film));
  whileNear(entry, (leaving) => followQuietly(film.id, show, AbortSignal.any([signal, leaving]))); // the list does not say it
  return entry;
}

function visibility({ published }) {
  return h("span", { class: `state ${published ? "open" : "hidden"}`, text: published ? "Published" : "Hidden" });
}
