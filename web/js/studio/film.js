// One film as its owner sees it: what it is doing, its texts, its poster, its captions, and its end.

import { call } from "../core/api.js";
import { h } from "../core/dom.js";
import { date, length } from "../core/format.js";
import { go } from "../core/router.js";
import { confirm } from "../components/confirm.js";
import { empty } from "../components/empty.js";
import { poster } from "../components/film_card.js";
import { icon } from "../components/icon.js";
import { press } from "../components/press.js";
import { refill } from "../components/refill.js";
import { linesSkeleton } from "../components/skeleton.js";
import { complain, offerAgain, say } from "../components/toast.js";
import { enqueue } from "../upload/queue.js";
import { captionsBox } from "./captions.js";
import { detailsForm } from "./details.js";
import { lifeBox } from "./life.js";
import { planBox } from "./plan.js";
import { posterBox } from "./poster.js";
import { isFinished } from "./status.js";
import { uploadList } from "./upload_list.js";

export function filmView([id], context) {
  const view = h("div", { class: "page film-page" }, h("h1", { class: "unseen", text: "Film" }), linesSkeleton(5));
  show(view, Number(id), context);
  return view;
}

async function show(view, id, { signal, filled }) {
  try {
    const film = await call("GET", `video/${id}/`, undefined, { signal });
    if (signal.aborted) return;
    fill(view, film, signal);
    filled();
  } catch (error) {
    if (error.status === 404) refill(view, h("h1", { class: "unseen", text: "Not found" }), empty("film", "This film is not here", "It was deleted, or you may not change it.", h("a", { class: "button primary", href: "#/", text: "Studio" })));
    else offerAgain(error, () => show(view, id, { signal, filled }), signal);
  }
}

function fill(view, film, signal) {
  document.title = `${film.title} · Studio · Videoflix`;
  const title = h("h1", { text: film.title });
  const picture = h("div", { class: "picture" }, poster(film, { eager: true }));
  const watch = h("a", { class: "button primary", href: `/#/watch/${film.id}`, hidden: true }, icon("play"), "Watch");
  const facts = h("p", { class: "facts quiet" });
  const update = (fresh) => {
    title.textContent = fresh.title;
    picture.replaceChildren(poster(fresh, { eager: true }));
    facts.replaceChildren(...[fresh.duration && length(fresh.duration), fresh.height && `${fresh.height} lines`, `since ${date(fresh.created_at)}`].filter(Boolean).map((text) => h("span", { text })));
  };
  const reload = () => call("GET", `video/${film.id}/`, undefined, { signal }).then(update, complain);
  const plan = planBox(film.id, signal);
  const posters = posterBox(film, update, signal);
  const life = lifeBox(film.id, signal, (status, before) => {
    watch.hidden = !status.playable; // as soon as it begins to play, not only when it is ready
    if (!before || before.state === status.state) return;
    plan.again();
    if (!isFinished(status)) return;
    reload();
    posters.again();
  });
  update(film);
  refill(
    view,
    h("p", {}, h("a", { class: "up", href: "#/" }, icon("left"), "Studio")),
    h("div", { class: "head" }, title, h("span", { class: "spring" }), watch),
    facts,
    uploadList(signal, life.again),
    h(
      "div",
      { class: "columns" },
      h("div", { class: "column" }, picture, detailsForm(film, update), posters, captionsBox(film.id, signal)),
      h("div", { class: "column" }, life, plan, fileBox(film, life), deletionBox(film)),
    ),
  );
}

function fileBox(film, life) {
  const picker = h("input", { type: "file", accept: "video/*,.mkv,.mxf", class: "unseen", tabindex: "-1", "aria-label": "New file", onchange: take });
  function take() {
    enqueue([...picker.files], { filmId: film.id });
    picker.value = ""; // or the same file, picked again, would be no change
  }
  return h(
    "section",
    { class: "box" },
    h("h2", { text: "File" }),
    h("p", { class: "quiet", text: "Viewers keep what there is until the new encoding is ready." }),
    h(
      "div",
      { class: "choices" },
      h("button", { type: "button", class: "secondary", onclick: press(() => encodeAgain(film.id, life)) }, icon("again"), "Encode again"),
      h("button", { type: "button", class: "secondary", onclick: () => picker.click() }, icon("upload"), "Replace the file"),
    ),
    picker,
  );
}

/** Have a film encoded again, and see it happen. */
export async function encodeAgain(id, life) {
  const { detail } = await call("POST", `video/${id}/transcode/`, {});
  say(`${detail}.`);
  life.again();
}

function deletionBox(film) {
  const remove = async () => {
    const isSure = await confirm({ title: `Delete “${film.title}”?`, text: "The film, its file and everything made of it go. This cannot be undone.", yes: "Delete" });
    if (!isSure) return;
    await call("DELETE", `video/${film.id}/`);
    say("The film was deleted.");
    go("/");
  };
  return h("section", { class: "box" }, h("h2", { text: "Delete" }), h("button", { type: "button", class: "danger", onclick: () => remove().catch(complain) }, icon("trash"), "Delete the film"));
}
