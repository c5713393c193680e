// One film: the player, what the film is about, and what else is of its kind.

import { call } from "../core/api.js";
import { h } from "../core/dom.js";
import { date, heading, length } from "../core/format.js";
import { empty } from "../components/empty.js";
import { poster } from "../components/film_card.js";
import { refill } from "../components/refill.js";
import { row } from "../components/row.js";
import { complain } from "../components/toast.js";
import { load, remembered } from "./library.js";

export function watch([id], { signal }) {
  const known = remembered()?.films.find((film) => film.id === Number(id));
  const stage = h("div", { class: "stage" });
  const about = h("div", { class: "page about-film" }, h("h1", { text: known?.title ?? "…" }));
  const view = h("div", { class: "watching" }, stage, about);
  if (known) stage.append(poster(known, { eager: true }));
  begin(Number(id), known, { stage, about, view }, signal);
  return view;
}

async function begin(id, known, { stage, about, view }, signal) {
  // both are under way while the player loads and asks for its playlist: it needs them to know where to begin
  const details = call("GET", `video/${id}/`, undefined, { signal });
  const position = call("GET", `video/${id}/position/`, undefined, { signal });
  position.catch(() => undefined); // the player asks for it later
  const player = play(id, known, { details, position }, stage, signal);
  player.catch(() => undefined); // awaited below, when the film's texts are there
  try {
    const film = await details;
    document.title = `${film.title} · Videoflix`;
    refill(about, ...describe(film));
    const { films } = remembered() ?? (await load(signal));
    const alike = films.filter((each) => each.category === film.category && each.id !== film.id);
    if (alike.length && !signal.aborted) view.append(h("div", { class: "rows" }, row(`More in ${heading(film.category)}`, alike)));
    await player;
  } catch (error) {
    if (error.status === 404) refill(view, h("h1", { class: "unseen", text: "Not found" }), empty("film", "This film is not here", "It was deleted, or is not published any more.", h("a", { class: "button primary", href: "#/", text: "All films" })));
    else complain(error);
  }
}

async function play(id, known, { details, position }, stage, signal) {
  const { openPlayer } = await import("../player/player.js");
  const film = known ?? (await details);
  if (!signal.aborted) await openPlayer(stage, film, { details, position }, signal);
}

function describe(film) {
  const facts = [heading(film.category), film.duration && length(film.duration), date(film.created_at)].filter(Boolean);
  return [h("h1", { text: film.title }), h("p", { class: "facts quiet" }, facts.map((fact) => h("span", { text: fact }))), film.description && h("p", { class: "description", text: film.description })].filter(Boolean);
}
