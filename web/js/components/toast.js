// Short messages at the edge of the page. Trouble stays until it is closed: nobody misses an error by looking away.

import { h } from "../core/dom.js";
import { icon } from "./icon.js";

const SHOWN = 6000; // milliseconds

// both regions exist from the start: screen readers announce what is put into a live region, not one that appears
const calm = h("div", { class: "toasts", role: "status" });
const urgent = h("div", { class: "toasts", role: "alert" });
const stack = h("div", { class: "toast-stack" }, urgent, calm);
document.body.append(stack);
// in full screen nothing is seen but the element that fills it
document.addEventListener("fullscreenchange", () => (document.fullscreenElement ?? document.body).append(stack));

/** Say something. `action` is `{label, run}`, a button beside the text. */
export function say(text, { action } = {}) {
  const toast = made(text, "info", action);
  calm.append(toast);
  setTimeout(() => toast.remove(), SHOWN);
  return toast;
}

/** Say that something went wrong. The same sentence with the same button is not shown twice at once: the latest stays. */
export function complain(error, { action } = {}) {
  if (error?.name === "AbortError") return null;
  const text = error?.status === undefined ? unexpected(error) : error.message;
  const before = [...urgent.children].find((each) => each.dataset.text === text && each.querySelector(".link")?.textContent === action?.label);
  if (before && !action) return before; // a new one would only be read out once more
  const toast = made(text, "trouble", action);
  before?.remove();
  urgent.append(toast);
  return toast;
}

/** Say that a view could not be filled, and offer to try once more; with the view, which `signal` ends, the offer goes. */
export function offerAgain(error, run, signal) {
  const toast = complain(error, { action: { label: "Try again", run } });
  if (toast) signal.addEventListener("abort", () => toast.remove(), { once: true });
}

function unexpected(error) {
  console.error(error);
  return "Something went wrong on this page. Please reload it.";
}

function made(text, kind, action) {
  const toast = h(
    "div",
    { class: `toast ${kind}`, dataset: { text } },
    icon(kind === "trouble" ? "warning" : "check"),
    h("p", { text }),
    action && h("button", { type: "button", class: "link", text: action.label, onclick: () => (toast.remove(), action.run()) }),
    h("button", { type: "button", class: "bare", "aria-label": "Dismiss", onclick: () => toast.remove() }, icon("close")),
  );
  return toast;
}

// what nobody caught is an error of the page itself; silence would be the worst answer
addEventListener("unhandledrejection", (event) => {
  if (event.reason?.name === "AbortError") event.preventDefault();
  else if (complain(event.reason) && event.reason?.status !== undefined) event.preventDefault();
});
