// Where somebody stopped, kept by the API so that any other screen goes on from there.

import { call } from "../core/api.js";

const EVERY = 10; // seconds of film

/** Keep what `place()` answers until `signal` aborts: the second somebody is at, null while nobody knows. */
export function keepPosition(video, film, place, signal) {
  let sent = 0;
  let kept = null; // what was sent, unless it did not arrive
  const keep = async (options = {}) => {
    const here = place();
    if (here === null || video.seeking) return;
    const seconds = Math.round(here * 10) / 10;
    if (seconds === kept) return;
    sent = kept = seconds;
    if (!(await isKept(film, seconds, options)) && kept === seconds) kept = null;
  };
  const now = () => keep();
  const last = () => keep({ keepalive: true }); // the page may be gone before the answer
  video.addEventListener("timeupdate", () => Math.abs((place() ?? 0) - sent) >= EVERY && keep(), { signal });
  video.addEventListener("pause", now, { signal });
  video.addEventListener("ended", now, { signal });
  video.addEventListener("seeked", () => video.paused && keep(), { signal }); // paused on the way, or moved while paused
  addEventListener("pagehide", last, { signal });
  signal.addEventListener("abort", last, { once: true });
}

// A position that was not kept is sent again at the next occasion, or the next one is: not worth a message over a film
async function isKept(film, seconds, options) {
  try {
    await call("PUT", `video/${film.id}/position/`, { seconds }, options);
    return true;
  } catch (error) {
    console.warn(`The position was not kept: ${error.message}`);
    return false;
  }
}
