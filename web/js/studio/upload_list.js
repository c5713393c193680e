// The uploads of this page: how far each is, and what one can do with it. Then the encoding of what has arrived.

import { h } from "../core/dom.js";
import { percent, size } from "../core/format.js";
import { icon } from "../components/icon.js";
import { press } from "../components/press.js";
import { progress } from "../components/progress.js";
import { complain } from "../components/toast.js";
import { cancel, queueEvents, resume, uploads } from "../upload/queue.js";
import { follow, stateName } from "./status.js";

/** The list; `onChange` is called when a film was made, is ready or is gone. */
export function uploadList(signal, onChange) {
  const list = h("ul", { class: "uploads", role: "list", "aria-label": "Uploads" });
  const shown = new Map();
  const update = () => {
    for (const transfer of uploads()) if (!shown.has(transfer)) shown.set(transfer, entry(transfer, signal, onChange));
    list.replaceChildren(...uploads().map((transfer) => shown.get(transfer)));
    list.hidden = uploads().length === 0;
  };
  queueEvents.addEventListener("change", update, { signal });
  update();
  return list;
}

function entry(transfer, signal, onChange) {
  const { name } = transfer.file;
  const bar = progress(`${name}: upload`);
  const words = h("p", { class: "quiet" });
  const buttons = h("span", { class: "choices" });
  const title = h("h3", {}, name);
  const item = h("li", { class: "upload" }, title, buttons, bar, words);
  let drawn = "";
  const draw = () => {
    words.textContent = sentence(transfer);
    bar.update(transfer.percent);
    item.dataset.state = transfer.state;
    if (drawn === transfer.state) return;
    drawn = transfer.state;
    const isHeld = buttons.contains(document.activeElement);
    buttons.replaceChildren(...actions(transfer, onChange));
    if (isHeld) buttons.querySelector("button")?.focus();
    if (transfer.state === "done") {
      title.replaceChildren(h("a", { href: `#/film/${transfer.filmId}`, text: name }));
      onChange();
      encode(transfer, { bar, words, item }, signal, onChange);
    }
  };
  transfer.addEventListener("change", draw, { signal });
  draw();
  return item;
}

function sentence({ state, notice, sent, file, speed, percent: done }) {
  if (notice) return notice;
  const arrived = `${percent(done)} · ${size(sent)} of ${size(file.size)}`;
  const left = speed > 0 ? ` · ${size(speed)}/s` : "";
  return { waiting: `Waits for its turn · ${size(file.size)}`, announcing: "Beginning …", sending: `${arrived}${left}`, paused: `Paused at ${arrived}`, finishing: "Putting the parts together …", done: "Uploaded." }[state] ?? "";
}

function actions(transfer, onChange) {
  const { name } = transfer.file;
  const button = (label, picture, onclick) => h("button", { type: "button", class: "ghost", "aria-label": `${label}: ${name}`, onclick }, icon(picture), label);
  const goOn = (label) => button(label, "play", () => resume(transfer));
  const stop = button("Cancel", "close", press(() => cancel(transfer).then(onChange)));
  const choices = {
    waiting: [stop],
    announcing: [stop],
    sending: [button("Pause", "pause", () => transfer.pause()), stop],
    paused: [goOn("Resume"), stop],
    failed: [goOn("Try again"), stop],
  };
  return choices[transfer.state] ?? [];
}

async function encode(transfer, { bar, words, item }, signal, onChange) {
  bar.update(0);
  bar.classList.add("encoding");
  bar.setAttribute("aria-label", `${transfer.file.name}: encoding`);
  try {
    const show = (status) => {
      item.dataset.state = status.state;
      bar.update(status.percent);
      words.textContent = status.failure?.message ?? `${stateName(status.state)}${status.state === "encoding" ? ` · ${percent(status.percent)}` : ""}`;
    };
    await follow(transfer.filmId, show, signal);
    onChange();
  } catch (error) {
    if (error.status !== 404) complain(error); // deleted meanwhile
  }
}
