// Where somebody is in a film. The video element forgets it whenever its source is set anew: it says 0 until the engine
// has moved it back.

/** Follow `video` until `signal` aborts; answers what tells the second somebody is at, or goes to: null until it is known. */
export function placeIn(video, signal) {
  let known = null;
  const place = () => {
    if (video.seeking || video.readyState >= HTMLMediaElement.HAVE_CURRENT_DATA) known = video.currentTime;
    return known;
  };
  for (const name of ["timeupdate", "seeking"]) video.addEventListener(name, place, { signal });
  return place;
}
