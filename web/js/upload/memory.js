// Which file belongs to which unfinished upload, so that it goes on after a reload when the same file is picked again.

import * as storage from "../core/storage.js";

const KEY = "videoflix.uploads";

function all() {
  try {
    return JSON.parse(storage.get(KEY)) ?? {};
  } catch {
    return {}; // somebody else's note: not worth failing an upload
  }
}

/** Note the latest upload of a film: its first content, or one that replaces what the film has. */
export function rememberUpload(id, file, { isReplacing }) {
  storage.set(KEY, JSON.stringify({ ...all(), [id]: { file: signature(file), isReplacing } }));
}

export function forgetUpload(id) {
  const { [id]: _gone, ...others } = all();
  storage.set(KEY, JSON.stringify(others));
}

/** The number of the new film whose upload this very file began here, or null: what replaces a film is picked at that film. */
export function newFilmOf(file) {
  const found = Object.entries(all()).find(([, known]) => known.file === signature(file) && !known.isReplacing);
  return found ? Number(found[0]) : null;
}

/** Whether the film's latest upload from here is of this very file. */
export function isUploadOf(id, file) {
  return all()[id]?.file === signature(file);
}

/** What makes a file the same: a browser tells no path, but its name, size and time of change. */
export function signature(file) {
  return JSON.stringify([file.name, file.size, file.lastModified]);
}
