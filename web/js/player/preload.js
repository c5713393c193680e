// The player's libraries weigh more than the rest of the page: they are fetched when somebody is about to play, not before.
// Our own modules are named one by one: a browser learns of them only when it has read the one that imports them.

const PLAYER = ["player", "controls", "engine", "native", "place", "position", "renditions", "storyboard"].map((name) => `/js/player/${name}.js`);
const LIBRARIES = ["/vendor/hls.js/hls.min.mjs", "/vendor/media-chrome/all.js", ...PLAYER];

let asked = false;

export function preloadPlayer() {
  if (asked) return;
  asked = true;
  for (const href of LIBRARIES) {
    document.head.append(Object.assign(document.createElement("link"), { rel: "modulepreload", href }));
  }
}
