// Who is logged in. The session itself lives in cookies that no script can read; this only remembers the account. All tabs
// have the same session, and a note of whose it is tells them when one of them has begun or ended it.

import { call, sessionEvents } from "./api.js";
import * as storage from "./storage.js";

const NOTE = "videoflix.logged-in";
const NO_SESSION = 400; // of a logout: there is none, and what is left of its cookies is taken back

let account;

/** The account that is logged in, or null. Asks the API once. */
export async function current() {
  if (account === undefined) account = maybeLoggedIn() ? await ask() : null;
  return account;
}

export async function logIn(email, password) {
  const { user } = await call("POST", "login/", { email, password }, { anonymous: true });
  storage.set(NOTE, noteOf(user));
  account = await call("GET", "account/");
  return account;
}

/** End the session. Throws where it may live on: no script can take its cookies away, so one is still logged in here. */
export async function logOut() {
  try {
    await call("POST", "logout/", {}, { anonymous: true });
  } catch (error) {
    if (error.status !== NO_SESSION) throw error;
  }
  forget();
}

sessionEvents.addEventListener("ended", forget);

function forget() {
  account = null;
  storage.remove(NOTE);
}

async function ask() {
  try {
    const found = await call("GET", "account/");
    storage.set(NOTE, noteOf(found));
    return found;
  } catch (error) {
    if (error.status === 401) return null;
    throw error;
  }
}

// The API sets a cookie that scripts can read with each session. A visitor without it, who never logged in here, need not
// ask who they are. Where the API has another host than the page, only the note in the storage tells, if there can be one.
function maybeLoggedIn() {
  return document.cookie.includes("csrftoken=") || storage.get(NOTE) !== null || !storage.isLasting();
}

function noteOf(person) {
  return person && String(person.id);
}

// What one person was shown is not for the next: a page whose person changed is loaded anew, so that nothing is left in it.
addEventListener("storage", ({ key, newValue }) => {
  if (key === NOTE && account !== undefined && newValue !== noteOf(account)) location.reload();
});
// One that the browser kept for "Back" heard of nothing meanwhile, and one that was logged out of is as it was left.
addEventListener("pageshow", ({ persisted }) => {
  if (persisted && !(account && storage.get(NOTE) === noteOf(account))) location.reload();
});
