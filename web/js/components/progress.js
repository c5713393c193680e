import { h } from "../core/dom.js";

/** A bar from 0 to 100 that screen readers know as one. `bar.update(percent)` moves it. */
export function progress(label, percent = 0) {
  const bar = h("div", { class: "progress", role: "progressbar", "aria-label": label, "aria-valuemin": "0", "aria-valuemax": "100" }, h("span"));
  bar.update = (value) => {
    bar.setAttribute("aria-valuenow", Math.floor(value));
    bar.style.setProperty("--done", `${Math.min(100, value)}%`);
  };
  bar.update(percent);
  return bar;
}
