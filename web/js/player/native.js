// The browser's own HLS, which iPhones have instead of Media Source Extensions. It adapts by itself; a quality that was
// chosen by hand is that rendition's own playlist, as the contract offers it.

import { call } from "../core/api.js";
import { apiUrl } from "../core/config.js";
import { rendition } from "./renditions.js";

export function nativeEngine(video, film, { start, onReady, onTrouble }) {
  const leaving = new AbortController();
  const { signal } = leaving;
  let place = 0;
  const load = async () => {
    place = await start();
    const url = await apiUrl(`video/${film.id}/${playlistOf(video.videoRenditions)}`);
    if (!signal.aborted) video.src = url;
  };
  video.addEventListener("loadedmetadata", () => place > 0 && (video.currentTime = place), { signal });
  video.addEventListener("error", () => onTrouble("The film cannot be played at the moment."), { signal });
  video.videoRenditions.addEventListener(
    "change",
    async () => {
      await load();
      await video.play().catch(() => undefined); // paused before, or not allowed: the play button is there
    },
    { signal },
  );
  begin().catch(() => undefined); // whoever opened the player hears why
  offer(video, film, signal);
  async function begin() {
    await load();
    if (!signal.aborted) onReady();
  }
  return {
    destroy() {
      leaving.abort();
      video.removeAttribute("src");
      video.load();
    },
  };
}

function playlistOf(renditions) {
  const chosen = [...renditions][renditions.selectedIndex];
  return chosen ? `${chosen.name}/index.m3u8` : "master.m3u8";
}

async function offer(video, film, signal) {
  const { renditions } = await call("GET", `video/${film.id}/status/`, undefined, { signal });
  video.videoRenditions.fill(Object.keys(renditions).map((name) => rendition(name)));
}
