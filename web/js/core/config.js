// Where the API is, and what only a local stack has. One file for all stages: the server of the page writes /config.json.

export const config = fetch("/config.json").then((answer) => answer.json());

/** The absolute address of an API path such as `video/3/`. */
export async function apiUrl(path) {
  return `${(await config).api}/api/${path}`;
}
