// The API as a browser uses it: cookies travel with every call, an expired session is refreshed once for all calls that
// met it, and a refusal becomes an ApiError whose message is the API's own sentence.

import { apiUrl } from "./config.js";

/** A refusal. `errors` holds the sentences by field, `status` is 0 where nothing answered. */
export class ApiError extends Error {
  constructor(sentence, { status = 0, errors = {}, retryAfter = 0 } = {}) {
    super(sentence);
    this.status = status;
    this.errors = errors;
    this.retryAfter = retryAfter; // seconds
  }

  /** Whether the same call may be answered in a while. */
  get mayPass() {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }
}

/** Says `ended` when a session is over and could not be refreshed. */
export const sessionEvents = new EventTarget();

const SESSION_IS_OVER = [400, 401]; // of a refresh: no token, or one that is good no more

let refreshing = null;
let renewals = 0;

/**
 * Renew the session; calls that meet an expired one at the same time share a single request. Answers whether there still is
 * one, and throws where nobody can tell.
 */
export function refreshSession() {
  refreshing ??= renew().finally(() => (refreshing = null));
  return refreshing;
}

async function renew() {
  const answer = await send("POST", "token/refresh/");
  if (answer.ok) renewals += 1;
  else if (!SESSION_IS_OVER.includes(answer.status)) throw await refusal(answer);
  return answer.ok;
}

/**
 * Call the API and answer its parsed body (null for 204). `body` is sent as JSON, a File as it is with `contentType`.
 * `anonymous` calls are never repeated with a new session.
 */
export async function call(method, path, body, options = {}) {
  const answer = await request(method, path, body, options);
  return answer.status === 204 ? null : answer.json();
}

/** Call the API and answer the body as text, for playlists and WebVTT. */
export async function callForText(method, path, options = {}) {
  return (await request(method, path, undefined, options)).text();
}

/** Follow `Link: rel="next"` and answer all items of a list, or the first `most`: a page of a search may be short. */
export async function callForAll(path, { most = Infinity, ...options } = {}) {
  const items = [];
  for (let next = path; next && items.length < most; ) {
    const answer = await request("GET", next, undefined, options);
    items.push(...(await answer.json()));
    const link = /<[^>]*\/api\/([^>]+)>; rel="next"/.exec(answer.headers.get("Link") ?? "");
    next = link?.[1];
  }
  return items;
}

async function request(method, path, body, options) {
  const before = renewals;
  let answer = await send(method, path, body, options);
  if (answer.status === 401 && !options.anonymous) {
    // another call may have renewed the session while this one was under way with the old cookie
    if (renewals !== before || (await refreshSession())) answer = await send(method, path, body, options);
    if (answer.status === 401) sessionEvents.dispatchEvent(new Event("ended"));
  }
  if (!answer.ok) throw await refusal(answer);
  return answer;
}

async function send(method, path, body, { signal, keepalive, contentType = "application/json" } = {}) {
  try {
    return await fetch(await apiUrl(path), {
      method,
      signal,
      keepalive,
      credentials: "include",
      headers: body === undefined ? {} : { "Content-Type": contentType }, // JSON's has a browser ask first whether it may call
      body: body === undefined || body instanceof Blob ? body : JSON.stringify(body),
    });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new ApiError("Videoflix does not answer. Please check your connection and try again.");
  }
}

async function refusal(answer) {
  const data = await answer.json().catch(() => null);
  const errors = Array.isArray(data?.errors) ? { non_field_errors: data.errors } : (data?.errors ?? {});
  const sentence = Object.values(errors).flat().join(" ") || `The server answered ${answer.status}. Please try again.`;
  const retryAfter = Number(answer.headers.get("Retry-After") ?? 0);
  return new ApiError(sentence, { status: answer.status, errors, retryAfter });
}
