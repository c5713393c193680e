// What a film is doing, asked again while it does something.

import { ApiError, call } from "../core/api.js";
import { h, pause } from "../core/dom.js";
import { complain } from "../components/toast.js";

const EVERY = 1000; // milliseconds
const UNANSWERED = "What a film is doing cannot be told at the moment. This page keeps asking.";
const NAMES = {
  uploading: "Waiting for its file",
  queued: "Queued",
  probing: "Looking at the file",
  encoding: "Encoding",
  ready: "Ready",
  failed: "Failed",
};

export function isFinished({ state }) {
  return state === "ready" || state === "failed";
}

/** Call `show(status)` now and at each change until the film is finished or `signal` aborts; answers the last status. */
export async function follow(id, show, signal) {
  for (let shown = ""; ; ) {
    const status = await ask(id, signal);
    const text = JSON.stringify(status);
    if (text !== shown) show(status);
    shown = text;
    if (isFinished(status)) return status;
    await pause(document.hidden ? 5 * EVERY : EVERY, signal);
  }
}

// trouble that may pass is said once, until there is an answer again
async function ask(id, signal) {
  let complaint = null;
  const wait = (error) => {
    if (!error.mayPass) throw error;
    complaint ??= complain(new ApiError(UNANSWERED));
    return pause(Math.max(EVERY, 1000 * error.retryAfter), signal);
  };
  try {
    for (;;) {
      const status = await call("GET", `video/${id}/status/`, undefined, { signal }).catch(wait);
      if (status) return status;
    }
  } finally {
    complaint?.remove();
  }
}

/** As `follow`, where nobody waits: trouble is said, a film that is gone is not trouble. */
export function followQuietly(id, show, signal) {
  return follow(id, show, signal).catch((error) => (error.status === 404 ? null : complain(error)));
}

/** The state as a word in its colour, with the percent while it is worked on. */
export function stateBadge({ state, percent }) {
  const name = state === "encoding" ? `Encoding ${Math.floor(percent)} %` : NAMES[state];
  return h("span", { class: `state ${state}`, text: name });
}

export function stateName(state) {
  return NAMES[state] ?? state;
}
