// The page: log in, see the films, play one. Text from users is only ever set as textContent.

import { call } from "./api.js";
import { play, stop } from "./player.js";

const $ = (selector) => document.querySelector(selector);

function notice(text) {
  $("#notice").textContent = text;
}

function show(loggedIn) {
  $("#login").hidden = loggedIn;
  $("#films").hidden = !loggedIn;
  $("#logout").hidden = !loggedIn;
  if (!loggedIn) {
    $("#player").hidden = true;
    $("#who").textContent = "";
    stop();
  }
}

async function watch(film) {
  notice("");
  $("#player").hidden = false;
  $("#playing").textContent = film.title;
  $("#description").textContent = film.description;
  $("#player").scrollIntoView({ block: "start" });
  await play(film, (error) => notice(error.message));
}

function card(film) {
  const picture = Object.assign(new Image(), { alt: "", loading: "lazy", crossOrigin: "use-credentials" });
  picture.src = film.thumbnail_url; // after crossOrigin: one answer in the browser's cache serves list and player
  const title = Object.assign(document.createElement("span"), { className: "title", textContent: film.title });
  const category = Object.assign(document.createElement("span"), {
    className: "category quiet",
    textContent: film.category,
  });
  const button = Object.assign(document.createElement("button"), { type: "button" });
  button.append(picture, title, category);
  button.addEventListener("click", () => watch(film));
  const item = document.createElement("li");
  item.append(button);
  return item;
}

async function list() {
  const films = await call("GET", "video/");
  $("#list").replaceChildren(...films.map(card));
  show(true);
  notice(films.length ? "" : "No film is ready yet. Upload one and it appears here.");
}

async function attempt(action) {
  try {
    await action();
  } catch (error) {
    if (error.status === 401) show(false);
    notice(error.status === 401 ? "Please log in." : error.message);
  }
}

$("#login").addEventListener("submit", (event) => {
  event.preventDefault();
  attempt(async () => {
    const form = new FormData(event.target);
    const answer = await call("POST", "login/", { email: form.get("email"), password: form.get("password") });
    $("#who").textContent = answer.user.username;
    event.target.reset();
    await list();
  });
});

$("#logout").addEventListener("click", () =>
  attempt(async () => {
    await call("POST", "logout/", {});
    show(false);
    notice("");
  }),
);

attempt(list);
