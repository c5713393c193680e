// The API as the page uses it: cookies travel with every call, an expired session is refreshed once, and a refusal
// becomes an Error whose message is the API's own sentence.

const config = fetch("/config.json").then((answer) => answer.json());

export async function apiUrl(path) {
  return `${(await config).api}/api/${path}`;
}

async function send(method, path, body) {
  return fetch(await apiUrl(path), {
    method,
    credentials: "include",
    headers: { "Content-Type": "application/json" },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
}

function sentence(answer, data) {
  const texts = Object.values(data?.errors ?? {}).flat();
  return texts.join(" ") || `The server answered ${answer.status}.`;
}

async function read(answer) {
  const data = await answer.json().catch(() => null);
  if (!answer.ok) throw Object.assign(new Error(sentence(answer, data)), { status: answer.status });
  return data;
}

export async function call(method, path, body) {
  let answer = await send(method, path, body);
  if (answer.status === 401 && path !== "login/") {
    const refreshed = await send("POST", "token/refresh/");
    if (refreshed.ok) answer = await send(method, path, body);
  }
  return read(answer);
}
