// What the original's frontend does, call for call; the test drives it through `window.frontend`.

import Hls from "/vendor/hls.js/hls.min.mjs";

const BASE = `${new URLSearchParams(location.search).get("api")}/api/`;
let hls = null;

function cookie(name) {
  const found = document.cookie.split(";").map((each) => each.trim()).find((each) => each.startsWith(`${name}=`));
  if (!found) throw new Error(`There is no cookie ${name}.`);
  return found.slice(name.length + 1);
}

async function read(answer) {
  return { ok: answer.ok, status: answer.status, data: await answer.json() };
}

async function post(endpoint, data, headers = {}) {
  const answer = await fetch(BASE + endpoint, {
    method: "POST",
    headers: { "Content-Type": "application/json", ...headers },
    credentials: "include",
    body: data === undefined ? undefined : JSON.stringify(data),
  });
  return read(answer);
}

// a GET that says what type its body would have, and so is preflighted
async function get(endpoint) {
  return read(await fetch(BASE + endpoint, { method: "GET", headers: { "Content-Type": "application/json" }, credentials: "include" }));
}

function play(id, resolution) {
  const video = document.getElementById("videoContainer");
  hls?.destroy();
  hls = new Hls({ xhrSetup: (xhr) => (xhr.withCredentials = true) });
  hls.loadSource(`${BASE}video/${id}/${resolution}/index.m3u8`);
  hls.attachMedia(video);
  return new Promise((resolve, reject) => {
    hls.on(Hls.Events.ERROR, (_event, data) => data.fatal && reject(new Error(data.details)));
    hls.on(Hls.Events.MANIFEST_PARSED, () => video.play());
    video.ontimeupdate = () => video.currentTime > 1 && resolve(video.videoHeight);
  });
}

window.frontend = {
  login: (email, password) => post("login/", { email, password }),
  register: (email, password) => post("register/", { email, password, confirmed_password: password, privacy_policy: "on" }),
  list: () => get("video/"),
  // the list is put into the page as HTML; a thumbnail loads in an <img> without credentials
  thumbnail: (url) => new Promise((resolve, reject) => Object.assign(new Image(), { onload: (event) => resolve(event.target.naturalWidth), onerror: () => reject(new Error("no picture")), src: url })),
  play,
  refresh: () => post("token/refresh/"),
  logout: () => post("logout/", {}, { "X-CSRFToken": cookie("csrftoken") }),
};
