// The films that failed, latest first: why, and once more.

import { call } from "../core/api.js";
import { h } from "../core/dom.js";
import { moment } from "../core/format.js";
import { empty } from "../components/empty.js";
import { icon } from "../components/icon.js";
import { keepFocus } from "../components/keep_focus.js";
import { press } from "../components/press.js";
import { linesSkeleton } from "../components/skeleton.js";
import { offerAgain, say } from "../components/toast.js";

export function failedView(_parameters, context) {
  const list = h("ul", { class: "people", role: "list" }, h("li", {}, linesSkeleton(3)));
  show(list, context);
  return h("div", { class: "page" }, h("h1", { text: "Failed films" }), list);
}

async function show(list, { signal, filled }) {
  const again = () => show(list, { signal, filled });
  try {
    const films = await call("GET", "operations/failed/", undefined, { signal });
    const entries = films.map((film) => entry(film, again));
    if (!films.length) entries.push(h("li", {}, empty("check", "Nothing failed", "Films that cannot be encoded appear here with the reason.")));
    keepFocus(list, () => list.replaceChildren(...entries));
    filled();
  } catch (error) {
    offerAgain(error, again, signal);
  }
}

function entry(film, onChange) {
  const retry = async () => {
    const { detail } = await call("POST", `operations/failed/${film.id}/retry/`, {});
    say(`${detail}.`);
    onChange();
  };
  return h(
    "li",
    { class: "person", dataset: { key: film.id } },
    h(
      "span",
      { class: "words" },
      h("a", { class: "title", href: `#/film/${film.id}`, text: film.title }),
      h("span", { text: film.failure?.message ?? "" }),
      h("span", { class: "facts quiet" }, [film.failure?.code, `user ${film.owner_id}`, `attempt ${film.attempt}`, moment(film.failed_at)].filter(Boolean).map((text) => h("span", { text }))),
    ),
    h("button", { type: "button", class: "secondary", "aria-label": `Try again: ${film.title}`, onclick: press(retry) }, icon("again"), "Try again"),
  );
}
