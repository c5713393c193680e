// The films that the viewer sees. What was loaded is shown again at once while a fresh list is on its way.

import { call, callForAll, sessionEvents } from "../core/api.js";

const GOOD_FOR = 25 * 60 * 1000; // milliseconds; the addresses of the pictures work for half an hour at least

let films = null;
let begun = null;
let loadedAt = 0;

sessionEvents.addEventListener("ended", () => (films = begun = null)); // the next to log in is another person, maybe

/** The films that were loaded last, or null where their pictures may be gone by now. */
export function remembered() {
  return films && Date.now() - loadedAt < GOOD_FOR ? { films, begun } : null;
}

/** All films, and those that were begun, the latest watched first. */
export async function load(signal) {
  const asked = Date.now();
  [films, begun] = await Promise.all([callForAll("video/", { signal }), call("GET", "video/?continue=true&limit=20", undefined, { signal })]);
  loadedAt = asked;
  return { films, begun };
}

/** The films of each category, largest categories first. */
export function byCategory(all) {
  const rows = new Map();
  for (const film of all) rows.set(film.category, [...(rows.get(film.category) ?? []), film]);
  return [...rows].sort(([a, some], [b, others]) => others.length - some.length || a.localeCompare(b));
}
