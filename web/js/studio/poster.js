// The poster, chosen from the pictures of the storyboard.

import { call } from "../core/api.js";
import { h } from "../core/dom.js";
import { clock } from "../core/format.js";
import { complain, say } from "../components/toast.js";
import { loadStoryboard, tilePicture, tiles } from "../player/storyboard.js";

const MOST = 24; // pictures to choose from, evenly spread
const WIDTH = 152; // pixels of each

/** The box; it appears when the film has a storyboard. `onChosen(film)` gets the film with its new poster. */
export function posterBox(id, onChosen, signal) {
  const strip = h("ul", { class: "tiles", role: "list" });
  const box = h("section", { class: "box", hidden: true }, h("h2", { text: "Poster" }), h("p", { class: "quiet", text: "Choose the picture that stands for the film." }), strip);
  fill({ id, box, strip, onChosen }, signal).catch(complain);
  return box;
}

async function fill({ id, box, strip, onChosen }, signal) {
  const storyboard = await loadStoryboard(id, signal);
  if (!storyboard) return;
  const all = tiles(storyboard);
  const step = Math.max(1, Math.ceil(all.length / MOST));
  const some = all.filter((_, index) => index % step === 0);
  strip.replaceChildren(...some.map((tile) => h("li", {}, choice(tile))));
  box.hidden = some.length === 0;

  function choice(tile) {
    const middle = (tile.start + tile.end) / 2;
    const button = h("button", { type: "button", class: "choice", "aria-label": `Picture at ${clock(middle)}`, "aria-pressed": "false", onclick: () => choose(button, middle).catch(complain) }, tilePicture(tile, WIDTH), h("span", { "aria-hidden": "true", text: clock(middle) }));
    return button;
  }

  async function choose(button, seconds) {
    button.setAttribute("aria-busy", "true");
    try {
      const film = await call("PATCH", `video/${id}/`, { poster_at: Math.round(seconds * 100) / 100 });
      for (const each of strip.querySelectorAll("button")) each.setAttribute("aria-pressed", String(each === button));
      say("The poster was changed.");
      onChosen(film);
    } finally {
      button.removeAttribute("aria-busy");
    }
  }
}
