// All uploads of this page: one file after the other, since each already fills the line with its parts.

import { say } from "../components/toast.js";
import { signature } from "./memory.js";
import { Transfer } from "./transfer.js";

const transfers = [];
export const queueEvents = new EventTarget();

/** The transfers, the latest last. */
export function uploads() {
  return transfers;
}

/**
 * Upload files, each as a film of its own; or one file as the new content of the film `filmId`. A file that is on its way there
 * is left out: two transfers would share one upload, and cancelling either would end both.
 */
export function enqueue(files, options) {
  for (const file of files) {
    if (isOnItsWay(file, options)) say(`${file.name} is in the list of uploads already.`);
    else add(new Transfer(file, options));
  }
  queueEvents.dispatchEvent(new Event("change"));
  next();
}

function add(transfer) {
  transfers.push(transfer);
  transfer.addEventListener("change", next);
}

function isOnItsWay(file, { filmId = null }) {
  const goesThere = (each) => (filmId === null ? !each.isReplacing : each.filmId === filmId);
  return transfers.some((each) => each.state !== "done" && goesThere(each) && signature(each.file) === signature(file));
}

/** Send a transfer that was paused or failed as soon as it is its turn. */
export function resume(transfer) {
  transfer.state = "waiting";
  transfer.dispatchEvent(new Event("change"));
}

export async function cancel(transfer) {
  transfers.splice(transfers.indexOf(transfer), 1);
  queueEvents.dispatchEvent(new Event("change"));
  await transfer.cancel();
}

function isUnderWay({ state }) {
  return ["announcing", "sending", "finishing"].includes(state);
}

function next() {
  if (transfers.some(isUnderWay)) return;
  transfers.find((each) => each.state === "waiting")?.run();
}

// leaving would stop what is under way; it could be gone on with, but nobody expects to have to
addEventListener("beforeunload", (event) => {
  if (transfers.some(isUnderWay)) event.preventDefault();
});
