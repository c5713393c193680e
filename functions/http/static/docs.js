// Shows the document of this API with Swagger UI, which is served from here too, and lets one log in: the session is a
// cookie of this host, so calls that are tried carry it by themselves.

"use strict";

const base = document.currentScript.dataset.base;
const api = `${location.origin}${base}`;
const [login, logout, who, notice] = ["login", "logout", "who", "notice"].map((id) => document.getElementById(id));

async function send(method, path, body) {
  const answer = await fetch(`${api}/api/${path}`, {
    method,
    headers: body ? { "Content-Type": "application/json" } : {},
    body: body && JSON.stringify(body),
  });
  return { ok: answer.ok, data: await answer.json().catch(() => ({})) };
}

function sentences(data) {
  return Object.values(data.errors ?? {}).flat().join(" ") || "The server did not answer as expected.";
}

function show(person) {
  login.hidden = person !== null;
  logout.hidden = person === null;
  who.textContent = person ?? "";
}

login.addEventListener("submit", async (event) => {
  event.preventDefault();
  const { ok, data } = await send("POST", "login/", Object.fromEntries(new FormData(login)));
  notice.textContent = ok ? "" : sentences(data);
  if (ok) {
    login.reset();
    show(data.user.username);
  }
});

logout.addEventListener("submit", async (event) => {
  event.preventDefault();
  await send("POST", "logout/");
  notice.textContent = "";
  show(null);
});

async function start() {
  const { ok, data } = await send("GET", "schema/?format=json");
  if (!ok) {
    notice.textContent = sentences(data);
    return;
  }
  SwaggerUIBundle({
    // calls go to the host that this page came from, by whatever name
    spec: { ...data, servers: [{ url: api }] },
    domNode: document.getElementById("calls"),
    deepLinking: true,
    displayRequestDuration: true,
    defaultModelsExpandDepth: 0,
    filter: true,
    tryItOutEnabled: true,
    validatorUrl: null, // or it would send the document's address to a host of its own
    withCredentials: true,
  });
  // the browser's own hint that somebody was logged in: the session's cookies are not for scripts
  const person = document.cookie.includes("csrftoken=") ? await send("GET", "account/") : { ok: false };
  show(person.ok ? person.data.email : null);
}

start();
