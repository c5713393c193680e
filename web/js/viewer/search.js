// What a search found. The words stand in the address, so a result can be linked to and gone back to.

import { callForAll } from "../core/api.js";
import { h } from "../core/dom.js";
import { amount } from "../core/format.js";
import { empty } from "../components/empty.js";
import { filmCard } from "../components/film_card.js";
import { offerAgain } from "../components/toast.js";

const MOST = 200; // films; who searches adds a word before scrolling further

export function searchView(_parameters, { query, ...context }) {
  const words = query.get("q") ?? "";
  const count = h("p", { class: "quiet", role: "status", text: "Searching …" });
  const grid = h("ul", { class: "grid", role: "list" });
  const view = h("div", { class: "page results" }, h("h1", { text: `Films for “${words}”` }), count, grid);
  find(words, { view, count, grid }, context);
  return view;
}

async function find(words, { view, count, grid }, { signal, filled }) {
  try {
    const films = await callForAll(`video/?limit=${MOST}&q=${encodeURIComponent(words)}`, { signal, most: MOST });
    count.textContent = amount(films.length, "film", "films", MOST);
    grid.replaceChildren(...films.map((film) => h("li", {}, filmCard(film))));
    if (films.length === 0) view.append(empty("search", "Nothing found", "Try the beginning of a word from the title or the description."));
    filled();
  } catch (error) {
    count.textContent = "";
    offerAgain(error, () => find(words, { view, count, grid }, { signal, filled }), signal);
  }
}
