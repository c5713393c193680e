// The browser's storage. Where it is full or forbidden, what is set lasts as long as the page: nothing that stands here is
// worth failing for.

const PROBE = "videoflix.probe";

const refused = new Map(); // what the storage did not take

export function get(key) {
  if (refused.has(key)) return refused.get(key);
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

export function set(key, value) {
  try {
    localStorage.setItem(key, value);
    refused.delete(key);
  } catch {
    refused.set(key, value);
  }
}

export function remove(key) {
  refused.delete(key);
  try {
    localStorage.removeItem(key);
  } catch {
    // nothing was kept there
  }
}

/** Whether the next page will find what is set on this one. */
export function isLasting() {
  set(PROBE, "");
  const isRefused = refused.has(PROBE);
  remove(PROBE);
  return !isRefused;
}
