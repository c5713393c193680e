// Plays a film adaptively, or in one quality. hls.js where the browser has Media Source Extensions, else the
// browser's own HLS (Safari on iPhones).

import Hls from "/vendor/hls.js/hls.light.min.mjs";
import { apiUrl } from "./api.js";

const video = document.querySelector("#video");
const quality = document.querySelector("#quality");
let hls = null;

function offer(levels) {
  const choices = [["-1", "Automatic"], ...levels.map((level, index) => [String(index), `${level.height}p`])];
  quality.replaceChildren(...choices.map(([value, label]) => new Option(label, value)));
}

function playWithHls(url, onError) {
  hls = new Hls({ xhrSetup: (xhr) => { xhr.withCredentials = true; } });
  hls.on(Hls.Events.MANIFEST_PARSED, (_event, data) => offer(data.levels));
  hls.on(Hls.Events.ERROR, (_event, data) => {
    if (data.fatal) onError(new Error("The film could not be played. Please try again."));
  });
  hls.loadSource(url);
  hls.attachMedia(video);
}

export async function play(film, onError) {
  hls?.destroy();
  hls = null;
  offer([]);
  const url = await apiUrl(`video/${film.id}/master.m3u8`);
  if (Hls.isSupported()) playWithHls(url, onError);
  else video.src = url;
  video.poster = film.thumbnail_url;
  await video.play().catch(() => undefined); // a browser that forbids autoplay leaves its own play button
}

export function stop() {
  hls?.destroy();
  hls = null;
  video.removeAttribute("src");
  video.load();
}

quality.addEventListener("change", () => {
  if (hls) hls.nextLevel = Number(quality.value);
});
