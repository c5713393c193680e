// Who is logged in. The session itself lives in cookies that no script can read; this only remembers the account.

import { call, sessionEvents } from "./api.js";

const NOTE = "videoflix.logged-in";

let account;

/** The account that is logged in, or null. Asks the API once. */
export async function current() {
  if (account === undefined) account = maybeLoggedIn() ? await ask() : null;
  return account;
}

export async function logIn(email, password) {
  await call("POST", "login/", { email, password }, { anonymous: true });
  localStorage.setItem(NOTE, "1");
  account = await call("GET", "account/");
  return account;
}

/** End the session. What the API says does not matter: whoever logs out is logged out here in any case. */
export async function logOut() {
  try {
    await call("POST", "logout/", {}, { anonymous: true });
  } finally {
    forget();
  }
}

sessionEvents.addEventListener("ended", forget);

function forget() {
  account = null;
  localStorage.removeItem(NOTE);
}

async function ask() {
  try {
    return await call("GET", "account/");
  } catch (error) {
    if (error.status === 401) return null;
    throw error;
  }
}

// The API sets a cookie that scripts can read with each session. A visitor without it, who never logged in here, need not
// ask who they are. Where the API has another host than the page, only the note in the storage tells.
function maybeLoggedIn() {
  return document.cookie.includes("csrftoken=") || localStorage.getItem(NOTE) !== null;
}
