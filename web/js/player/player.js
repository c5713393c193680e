// The player: media-chrome's controls around a video element, an engine that feeds it, and the memory of where one was.

import "/vendor/media-chrome/all.js";
import { call } from "../core/api.js";
import { h } from "../core/dom.js";
import { clock } from "../core/format.js";
import { icon } from "../components/icon.js";
import { complain, say } from "../components/toast.js";
import { controls } from "./controls.js";
import { createEngine } from "./engine.js";
import { keepPosition } from "./position.js";
import { Renditions } from "./renditions.js";
import { loadStoryboard, thumbnailTrack } from "./storyboard.js";

const WORTH_RESUMING = 5; // seconds
const FINISHED = 0.95; // of the film: the API's own share, after which it lists it no more as begun

/**
 * Put a player for `film` into `stage` and start it; everything ends with `signal`. `details` promises what the API says of
 * this film alone.
 */
export async function openPlayer(stage, film, details, signal) {
  const start = await startOf(film, details, signal);
  const video = h("video", { slot: "media", playsinline: true, crossorigin: "use-credentials" });
  video.poster = film.thumbnail_url;
  video.videoRenditions = new Renditions();
  const player = controls(video, film.title);
  stage.replaceChildren(player);
  player.querySelector("media-captions-button").setAttribute("role", "switch"); // it says whether it is on, and calls itself a button
  keepPosition(video, film, signal); // first, so that it is still asked when the player goes
  signal.addEventListener("abort", () => leave(video, player), { once: true });
  feed(video, stage, film, { start, details, signal });
  showPreviews(video, film, signal);
  player.focus({ preventScroll: true }); // the keyboard controls the film at once
}

// where somebody stopped, unless that was near the beginning or the end
async function startOf(film, details, signal) {
  try {
    const [{ seconds }, { duration }] = await Promise.all([call("GET", `video/${film.id}/position/`, undefined, { signal }), details]);
    return seconds > WORTH_RESUMING && seconds < FINISHED * (duration ?? Infinity) ? seconds : 0;
  } catch (error) {
    if (error.status === 404 || error.name === "AbortError") throw error;
    return 0; // not to know is no reason not to play
  }
}

function feed(video, stage, film, { start, details, signal }) {
  const engine = createEngine(video, film, { start, onReady: () => play(video, details), onTrouble: (sentence) => trouble(stage, sentence, again) });
  signal.addEventListener("abort", () => engine.destroy(), { once: true });
  if (start > 0) offerStart(video, start);
  function again() {
    const place = video.currentTime || start;
    engine.destroy();
    feed(video, stage, film, { start: place, details, signal });
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
    h("button", { type: "button", class: "primary", text: "Try again", onclick: () => (panel.remove(), again()) }),
  );
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

function leave(video, player) {
  if (document.pictureInPictureElement === video) document.exitPictureInPicture().catch(() => undefined);
  video.pause();
  player.remove();
}
