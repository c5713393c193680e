// What feeds the video element: hls.js where there are Media Source Extensions, else the browser's own HLS (iPhones).
// Both offer the same: the qualities in `video.videoRenditions`, `onReady` when it can be told to play, one sentence
// through `onTrouble`, and `destroy()`. `start()` promises the second to begin at, anew for each source that is set:
// playlists are fetched before it is known.

import Hls from "/vendor/hls.js/hls.min.mjs";
import { refreshSession } from "../core/api.js";
import { apiUrl } from "../core/config.js";
import { nativeEngine } from "./native.js";
import { rendition } from "./renditions.js";

const TROUBLE = "The film cannot be played at the moment.";
const MOST_RECOVERIES = 3; // in a row; a fragment that plays in between starts the count anew

export function createEngine(video, film, { start, onReady, onTrouble }) {
  return Hls.isSupported() ? hlsEngine(video, film, { start, onReady, onTrouble }) : nativeEngine(video, film, { start, onReady, onTrouble });
}

function hlsEngine(video, film, { start, onReady, onTrouble }) {
  const hls = new Hls({
    autoStartLoad: false, // but as soon as `start` is known
    capLevelToPlayerSize: true,
    backBufferLength: 60,
    xhrSetup: (xhr) => (xhr.withCredentials = true),
  });
  const leaving = new AbortController();
  const { signal } = leaving;
  const choose = () => chooseLevel(hls, video);
  video.videoRenditions.addEventListener("change", choose, { signal });
  let isToPlay = true; // what the person wants: a source that is set anew stops the element, without a `pause`
  video.addEventListener("play", () => (isToPlay = true), { signal });
  video.addEventListener("pause", () => (isToPlay = false), { signal });
  const load = async () => {
    const seconds = await start().catch(() => null); // whoever opened the player hears why
    if (seconds !== null) hls.startLoad(seconds); // also for a film that is still being encoded: its beginning, not its growing end
  };
  const goOn = () => {
    if (hls.levels.length === 0) return hls.loadSource(hls.url);
    hls.loadLevel = video.videoRenditions.selectedIndex; // hls.js has let go of the chosen quality; so set, it keeps what is buffered
    return load();
  };
  hls.on(Hls.Events.MANIFEST_PARSED, () => {
    video.videoRenditions.fill(hls.levels.map((level) => rendition(nameOf(level), level.bitrate)));
    if (video.videoRenditions.selectedIndex >= 0) choose();
    load();
  });
  hls.on(Hls.Events.MEDIA_ATTACHED, () => isToPlay && onReady()); // playing any earlier would be undone by the source that is set
  renewAddresses(hls);
  recover(hls, { goOn, onTrouble, signal });
  hls.attachMedia(video);
  apiUrl(`video/${film.id}/master.m3u8`).then((url) => hls.loadSource(url));
  return {
    destroy() {
      leaving.abort();
      hls.destroy();
    },
  };
}

function chooseLevel(hls, video) {
  const index = video.videoRenditions.selectedIndex;
  hls.capLevelToPlayerSize = index < 0; // who asks for 1080p in a small window gets it
  hls.currentLevel = index; // at once, and for what is buffered behind as well
}

function nameOf(level) {
  return /\/(\d+p)\//.exec(level.url[0])?.[1] ?? `${level.height}p`;
}

// Addresses of segments are signed for a while. Where one is refused, the playlist has new ones: hls.js would first try the
// segment in each quality, for half a minute, and forget which quality was chosen. Refused again, it has another reason.
function renewAddresses(hls) {
  const renewed = new Set();
  hls.on(Hls.Events.ERROR, (_event, { details, response, frag, fatal }) => {
    if (fatal || details !== Hls.ErrorDetails.FRAG_LOAD_ERROR || response?.code !== 403 || renewed.has(frag.sn)) return;
    renewed.add(frag.sn);
    hls.loadSource(hls.url);
  });
}

// hls.js repeats what may pass by itself. What it calls fatal can still be mended: a connection that was away, an expired
// session, a playlist that did not come, a decoder that lost its way. A source that is loaded anew loses what is buffered.
function recover(hls, { goOn, onTrouble, signal }) {
  let recoveries = 0;
  hls.on(Hls.Events.FRAG_BUFFERED, () => (recoveries = 0));
  hls.on(Hls.Events.ERROR, async (_event, problem) => {
    if (!problem.fatal) return;
    if (isUnanswered(problem) && !navigator.onLine) {
      console.info(`The film waits for the connection: ${problem.details}`);
      addEventListener("online", goOn, { once: true, signal });
      return;
    }
    recoveries += 1;
    if (recoveries > MOST_RECOVERIES) {
      hls.stopLoad();
      onTrouble(TROUBLE);
    } else if (problem.type === Hls.ErrorTypes.MEDIA_ERROR) hls.recoverMediaError();
    else if (problem.response?.code === 401 && (await isSessionOver())) onTrouble("Your session has ended. Please log in again.");
    else if (problem.response?.code === 404) onTrouble("This film cannot be watched: it is not ready, or not published any more.");
    else if (isUnanswered(problem) || problem.response?.code >= 500) goOn();
    else hls.loadSource(hls.url);
  });
}

function isUnanswered({ type, response }) {
  return type === Hls.ErrorTypes.NETWORK_ERROR && !response?.code;
}

// a refresh that fails in any other way says nothing of the session: the playlist is asked for, and may be answered
async function isSessionOver() {
  return !(await refreshSession().catch(() => true));
}
