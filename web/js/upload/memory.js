// Which file belongs to which unfinished film, so that an upload goes on after a reload when the same file is picked again.

const KEY = "videoflix.uploads";

function all() {
  try {
    return JSON.parse(localStorage.getItem(KEY)) ?? {};
  } catch {
    return {}; // somebody else's note: not worth failing an upload
  }
}

export function rememberUpload(id, file) {
  localStorage.setItem(KEY, JSON.stringify({ ...all(), [id]: signature(file) }));
}

export function forgetUpload(id) {
  const { [id]: _gone, ...others } = all();
  localStorage.setItem(KEY, JSON.stringify(others));
}

/** The number of the film whose upload this very file began here, or null. */
export function uploadOf(file) {
  const found = Object.entries(all()).find(([, known]) => known === signature(file));
  return found ? Number(found[0]) : null;
}

// a browser tells no path: name, size and time of change are what makes a file the same
function signature(file) {
  return JSON.stringify([file.name, file.size, file.lastModified]);
}
