// Where somebody stopped, kept by the API so that any other screen goes on from there.

import { call } from "../core/api.js";

const EVERY = 10; // seconds of film

/** Keep what `place()` answers until `signal` aborts: the second somebody is at, null while nobody knows. */
export function keepPosition(video, film, place, signal) {
  let kept = null;
  const keep = (options = {}) => {
    const here = place();
    if (here === null || video.seeking) return;
    const seconds = Math.round(here * 10) / 10;
    if (seconds !== kept) send(film, (kept = seconds), options);
  };
  const now = () => keep();
  const last = () => keep({ keepalive: true }); // the page may be gone before the answer
  video.addEventListener("timeupdate", () => Math.abs((place() ?? 0) - (kept ?? 0)) >= EVERY && keep(), { signal });
  video.addEventListener("pause", now, { signal });
  video.addEventListener("ended", now, { signal });
  video.addEventListener("seeked", () => video.paused && keep(), { signal }); // paused on the way, or moved while paused
  addEventListener("pagehide", last, { signal });
  signal.addEventListener("abort", last, { once: true });
}

// A position that was not kept is kept a few seconds later: not worth a message over a film
async function send(film, seconds, options) {
  try {
    await call("PUT", `video/${film.id}/position/`, { seconds }, options);
  } catch (error) {
    console.warn(`The position was not kept: ${error.message}`);
  }
}
