// All uploads of this page: one file after the other, since each already fills the line with its parts.

import { Transfer } from "./transfer.js";

const transfers = [];
export const queueEvents = new EventTarget();

/** The transfers, the latest last. */
export function uploads() {
  return transfers;
}

/** Upload files, each as a film of its own; or one file as the new content of the film `filmId`. */
export function enqueue(files, options) {
  for (const file of files) {
    const transfer = new Transfer(file, options);
    transfers.push(transfer);
    transfer.addEventListener("change", next);
  }
  queueEvents.dispatchEvent(new Event("change"));
  next();
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
