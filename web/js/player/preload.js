// The player's libraries weigh more than the rest of the page: they are fetched when somebody is about to play, not before.

const LIBRARIES = ["/vendor/hls.js/hls.min.mjs", "/vendor/media-chrome/all.js", "/js/player/player.js"];

let asked = false;

export function preloadPlayer() {
  if (asked) return;
  asked = true;
  for (const href of LIBRARIES) {
    document.head.append(Object.assign(document.createElement("link"), { rel: "modulepreload", href }));
  }
}
