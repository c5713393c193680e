// Which file belongs to which unfinished upload, so that it goes on after a reload when the same file is picked again.

import * as storage from "../core/storage.js";

const KEY = "videoflix.uploads";

function all() {
  try {
    const notes = Object.entries(JSON.parse(storage.get(KEY)) ?? {});
    return Object.fromEntries(notes.map(([id, note]) => [id, typeof note === "string" ? earlier(note) : note]));
  } catch {
    return {}; // somebody else's note: not worth failing an upload
  }
}

// pages of before 30 November 2026 did not note what the file is for; they took it for a new film themselves
function earlier(file) {
  return { file, isReplacing: false };
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
