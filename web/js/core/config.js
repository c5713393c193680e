// Where the API is, and what only a local stack has. One file for all stages: the server of the page writes /config.json.

let asked = null;

/** What the file says; once it was answered, it is not asked for again. */
export function config() {
  asked ??= ask().catch((error) => {
    asked = null;
    throw error;
  });
  return asked;
}

async function ask() {
  const answer = await fetch("/config.json");
  if (!answer.ok) throw new Error(`/config.json was answered with ${answer.status}.`);
  return answer.json();
}

/** The absolute address of an API path such as `video/3/`. */
export async function apiUrl(path) {
  return `${(await config()).api}/api/${path}`;
}
