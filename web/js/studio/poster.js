// The poster, chosen from the pictures of the storyboard.

import { call } from "../core/api.js";
import { h, pause } from "../core/dom.js";
import { clock } from "../core/format.js";
import { complain, say } from "../components/toast.js";
import { loadStoryboard, tilePicture, tiles } from "../player/storyboard.js";

const MOST = 24; // pictures to choose from, evenly spread
const WIDTH = 8; // rem of each
const EVERY = 500; // milliseconds between two looks whether the poster is drawn
const PATIENCE = 60_000; // milliseconds

/** The box; it appears when the film has a storyboard. `onChosen(film)` gets the film with its new poster, `box.again()` looks anew. */
export function posterBox(film, onChosen, signal) {
  const strip = h("ul", { class: "tiles", role: "list" });
  const title = `poster-${film.id}`;
  const box = h("section", { class: "box", hidden: true, "aria-labelledby": title }, h("h2", { id: title, text: "Poster" }), h("p", { class: "quiet", text: "Choose the picture that stands for the film." }), strip);
  box.again = () => fill({ film, box, strip, onChosen }, signal).catch(complain);
  box.again();
  return box;
}

async function fill({ film, box, strip, onChosen }, signal) {
  const storyboard = await loadStoryboard(film.id, signal);
  if (!storyboard) return;
  const all = tiles(storyboard);
  const step = Math.max(1, Math.ceil(all.length / MOST));
  const some = all.filter((_, index) => index % step === 0);
  strip.replaceChildren(...some.map((tile) => h("li", {}, choice(tile, film, (button) => choose(button, tile.start).catch(complain)))));
  box.hidden = some.length === 0;

  async function choose(button, seconds) {
    if (strip.querySelector("[aria-busy]") || button.getAttribute("aria-pressed") === "true") return;
    button.setAttribute("aria-busy", "true");
    try {
      const wished = await call("PATCH", `video/${film.id}/`, { poster_at: seconds });
      const drawn = await another(wished, signal);
      for (const each of strip.querySelectorAll("button")) each.setAttribute("aria-pressed", String(each === button));
      say(drawn ? "The poster was changed." : "The poster is being drawn. It appears in a moment.");
      if (drawn) onChosen(drawn);
    } finally {
      button.removeAttribute("aria-busy");
    }
  }
}

// a tile shows the film at its start: that is the picture which is chosen
function choice({ start, end, ...tile }, { poster_at: at }, onclick) {
  const isChosen = at !== null && start <= at && at < end;
  const button = h("button", { type: "button", class: "choice", "aria-label": `Picture at ${clock(start)}`, "aria-pressed": String(isChosen), onclick: () => onclick(button) }, tilePicture(tile, WIDTH * rem()), h("span", { "aria-hidden": "true", text: clock(start) }));
  return button;
}

function rem() {
  return Number.parseFloat(getComputedStyle(document.documentElement).fontSize);
}

// The picture is drawn after the answer. Answers the film that shows another one than `before`; null: it takes long.
async function another(before, signal) {
  for (const end = Date.now() + PATIENCE; Date.now() < end; await pause(EVERY, signal)) {
    const film = await call("GET", `video/${before.id}/`, undefined, { signal });
    if (addressOf(film) !== addressOf(before)) return film;
  }
  return null;
}

// without the signature, which changes by itself
function addressOf(film) {
  return film.thumbnail_url.split("?")[0];
}
