// The first thing somebody sees who is logged in: one film large, the others in rows.

import { call } from "../core/api.js";
import { h } from "../core/dom.js";
import { heading, isNew } from "../core/format.js";
import { empty } from "../components/empty.js";
import { poster } from "../components/film_card.js";
import { icon } from "../components/icon.js";
import { refill } from "../components/refill.js";
import { row } from "../components/row.js";
import { heroSkeleton, rowSkeleton } from "../components/skeleton.js";
import { offerAgain } from "../components/toast.js";
import { preloadPlayer } from "../player/preload.js";
import { byCategory, load, remembered } from "./library.js";

const NEWEST = 20; // films in the row "New"
const WIDE = 1600; // pixels from which on a thumbnail is too coarse for the whole width

export function browse(_parameters, { signal, filled }) {
  const view = h("div", { class: "browse" });
  const known = remembered();
  if (known) fill(view, known);
  else view.replaceChildren(h("h1", { class: "unseen", text: "Films" }), heroSkeleton(), rowSkeleton(), rowSkeleton());
  refresh(view, known, { signal, filled });
  return view;
}

async function refresh(view, known, { signal, filled }) {
  const before = JSON.stringify(known);
  try {
    const fresh = await load(signal);
    if (JSON.stringify(fresh) !== before) fill(view, fresh);
    filled();
  } catch (error) {
    offerAgain(error, () => refresh(view, known, { signal, filled }), signal);
  }
}

function fill(view, { films, begun }) {
  if (films.length === 0) {
    const upload = h("a", { class: "button primary", href: "/studio/", text: "Upload the first one" });
    refill(view, h("h1", { class: "unseen", text: "Films" }), empty("film", "No films yet", "As soon as one is ready, it plays here.", upload));
    return;
  }
  const fresh = films.filter(isNew).slice(0, NEWEST);
  refill(
    view,
    hero(films[0]),
    h(
      "div",
      { class: "rows" },
      begun.length > 0 && row("Continue watching", begun),
      fresh.length > 0 && row("New", fresh),
      byCategory(films).map(([name, some]) => row(heading(name), some)),
    ),
  );
}

function hero(film) {
  const picture = poster(film, { eager: true });
  if (innerWidth * devicePixelRatio > WIDE) sharpen(picture, film).catch(() => undefined); // no larger picture is nothing to complain about
  return h(
    "section",
    { class: "hero", "aria-label": "Featured" },
    picture,
    h(
      "div",
      { class: "words" },
      h("p", { class: "kicker" }, isNew(film) && h("span", { class: "badge", text: "New" }), heading(film.category)),
      h("h1", { text: film.title }),
      film.description && h("p", { class: "description", text: film.description }),
      h(
        "p",
        { class: "choices" },
        h("a", { class: "button primary large", href: `#/watch/${film.id}`, onpointerenter: preloadPlayer, onfocus: preloadPlayer }, icon("play"), "Play"),
      ),
    ),
  );
}

async function sharpen(picture, film) {
  const { poster_url: large } = await call("GET", `video/${film.id}/`);
  const image = picture.querySelector("img");
  if (large && image) image.src = large;
}
