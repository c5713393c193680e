// A film as rows, grids and lists show it.

import { call } from "../core/api.js";
import { h } from "../core/dom.js";
import { heading, isNew } from "../core/format.js";
import { whenNear } from "./near.js";
import { preloadPlayer } from "../player/preload.js";

/** The film's poster. `crossorigin` as the player's: else the browser would cache an answer that the player may not use. */
export function poster(film, { eager = false } = {}) {
  const letter = h("span", { class: "letter", "aria-hidden": "true", text: film.title.trim().charAt(0).toLocaleUpperCase() });
  const frame = h("span", { class: "poster" }, letter);
  if (film.thumbnail_url) {
    const image = h("img", {
      alt: "",
      crossorigin: "use-credentials",
      fetchpriority: eager ? "high" : undefined,
      onload: () => frame.classList.add("seen"),
    });
    image.addEventListener("error", () => renew(image, film.id), { once: true });
    const load = () => (image.src = film.thumbnail_url); // after crossorigin, or it would be fetched without
    frame.append(image);
    if (eager) load();
    else whenNear(frame, load);
  }
  return frame;
}

// an address works for half an hour to an hour, and a page may stay open longer: a fresh one is asked for once
async function renew(image, id) {
  image.addEventListener("error", () => image.remove(), { once: true });
  try {
    const { thumbnail_url: fresh } = await call("GET", `video/${id}/`);
    image.src = fresh;
  } catch {
    image.remove(); // the letter is left: no picture is nothing to complain about
  }
}

/** A link that plays the film; with `film.position` it shows how far somebody is. */
export function filmCard(film) {
  const watched = film.position && film.duration ? film.position / film.duration : 0;
  const card = h(
    "a",
    { class: "card", href: `#/watch/${film.id}`, onpointerenter: preloadPlayer, onfocus: preloadPlayer },
    poster(film),
    !watched && isNew(film) && h("span", { class: "badge", text: "New" }),
    watched > 0 &&
      h(
        "span",
        { class: "watched", vars: { "--watched": `${watched * 100}%` } },
        h("span", { class: "unseen", text: `${Math.round(watched * 100)} % watched. ` }),
      ),
    h("span", { class: "title", text: film.title }),
    h("span", { class: "about quiet", text: heading(film.category) }),
  );
  return card;
}
