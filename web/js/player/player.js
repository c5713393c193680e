// The player: media-chrome's controls around a video element, an engine that feeds it, and the memory of where one was.

import { call } from "../core/api.js";
import { h, pause } from "../core/dom.js";
import { clock } from "../core/format.js";
import { icon } from "../components/icon.js";
import { complain, say } from "../components/toast.js";
import { createEngine } from "./engine.js";
import { placeIn } from "./place.js";
import { keepPosition } from "./position.js";
import { Renditions } from "./renditions.js";
import { loadStoryboard, thumbnailTrack } from "./storyboard.js";

const WORTH_RESUMING = 5; // seconds
const MOST_WAIT = 1500; // milliseconds without a picture, after which the controls come without it
const FINISHED = 0.95; // of the film: the API's own share, after which it lists it no more as begun

/**
 * Put a player for `film` into `stage` and start it; everything ends with `signal`. `details` promises what the API says of
 * this film alone, `position` where somebody stopped. The picture comes first: the playlist is asked for before any of it is
 * known, and the controls, which take longer to build than the first segment to come, follow the first frame.
 */
export async function openPlayer(stage, film, { details, position }, signal) {
  const video = h("video", { slot: "media", playsinline: true, crossorigin: "use-credentials" });
  video.poster = film.thumbnail_url;
  video.videoRenditions = new Renditions();
  const start = startIn(video, film, { details, position }, signal);
  const place = placeIn(video, signal);
  keepPosition(video, film, place, signal); // first, so that it is still asked when the player goes
  signal.addEventListener("abort", () => leave(video), { once: true });
  stage.replaceChildren(video);
  feed(video, stage, film, { start: async () => place() ?? start(), details, signal });
  await start();
  await Promise.race([firstFrame(video), pause(MOST_WAIT, signal)]);
  const { controls } = await import("./controls.js");
  if (signal.aborted) return;
  control(stage, controls(video, film.title));
  showPreviews(video, film, signal);
}

function firstFrame(video) {
  return new Promise((resolve) => video.addEventListener("loadeddata", resolve, { once: true }));
}

function control(stage, player) {
  stage.prepend(player); // in the same task as the video left the page for its controls, so it does not pause
  player.fullscreenElement = stage; // what stands over the film is seen in full screen, too
  player.querySelector("media-captions-button").setAttribute("role", "switch"); // it says whether it is on, and calls itself a button
  if (document.activeElement.matches("body, h1")) player.focus({ preventScroll: true }); // the keyboard controls the film at once
}

// The second to begin at. What did not come is asked for again each time: a film that is opened without a connection would
// begin at 0, and have that kept.
function startIn(video, film, { details, position }, signal) {
  const ask = (path) => call("GET", `video/${film.id}/${path}`, undefined, { signal });
  const unlessOver = (otherwise) => (error) => {
    if (error.status === 404 || error.name === "AbortError") throw error;
    return otherwise();
  };
  let found = startOf(video, details, position);
  return () => {
    found = found.catch(unlessOver(() => startOf(video, ask(""), ask("position/"))));
    return found.catch(unlessOver(() => 0)); // not to know is no reason not to play
  };
}

// where somebody stopped, unless that was near the beginning or the end
async function startOf(video, details, position) {
  const [{ seconds }, { duration }] = await Promise.all([position, details]);
  if (seconds <= WORTH_RESUMING || seconds >= FINISHED * (duration ?? Infinity)) return 0;
  offerStart(video, seconds);
  return seconds;
}

function feed(video, stage, film, { start, details, signal }) {
  const engine = createEngine(video, film, { start, onReady: () => play(video, details), onTrouble: (sentence) => trouble(stage, sentence, again) });
  signal.addEventListener("abort", () => engine.destroy(), { once: true });
  function again() {
    engine.destroy();
    feed(video, stage, film, { start, details, signal });
  }
}

// A browser that forbids to start by itself leaves the play button, and time to look at the poster in full size. What goes
// wrong with the film the engine reports.
async function play(video, details) {
  try {
    await video.play();
  } catch (error) {
    console.info(`The film does not start by itself: ${error.message}`);
    const { poster_url: large } = await details;
    if (large) video.poster = large;
  }
}

function offerStart(video, seconds) {
  say(`You go on at ${clock(seconds)}.`, { action: { label: "From the start", run: () => (video.currentTime = 0) } });
}

function trouble(stage, sentence, again) {
  stage.querySelector(".breakdown")?.remove();
  const panel = h(
    "div",
    { class: "breakdown", role: "alert" },
    icon("warning"),
    h("p", { text: sentence }),
    h("button", { type: "button", class: "primary", text: "Try again", onclick: tryAgain }),
  );
  function tryAgain() {
    panel.remove();
    stage.querySelector(".player")?.focus({ preventScroll: true });
    again();
  }
  stage.append(panel);
}

async function showPreviews(video, film, signal) {
  try {
    const storyboard = await loadStoryboard(film.id, signal);
    if (storyboard && !signal.aborted) video.append(thumbnailTrack(storyboard, signal));
  } catch (error) {
    complain(error);
  }
}

function leave(video) {
  if (document.pictureInPictureElement === video) document.exitPictureInPicture().catch(() => undefined);
  video.pause();
  (video.closest("media-controller") ?? video).remove();
}
