// The uploads of this page: how far each is, and what one can do with it. Then the encoding of what has arrived.

import { h } from "../core/dom.js";
import { percent, size } from "../core/format.js";
import { icon } from "../components/icon.js";
import { keepFocus, keepFocusIn } from "../components/keep_focus.js";
import { press } from "../components/press.js";
import { progress } from "../components/progress.js";
import { complain } from "../components/toast.js";
import { cancel, queueEvents, resume, uploads } from "../upload/queue.js";
import { follow, stateName } from "./status.js";

/** The list; `onChange` is called when a film was made, is ready or is gone. */
export function uploadList(signal, onChange) {
  const list = h("ul", { class: "uploads", role: "list", "aria-label": "Uploads" });
  const shown = new Map();
  // what is shown already stays in its place: put in once more, it would lose the focus
  const update = () => {
    const there = uploads();
    for (const [transfer, item] of shown) if (!there.includes(transfer)) keepFocus(list, () => item.remove());
    for (const transfer of there.filter((each) => !shown.has(each))) {
      const item = entry(transfer, signal, onChange);
      shown.set(transfer, item);
      list.append(item);
    }
    list.hidden = there.length === 0;
  };
  queueEvents.addEventListener("change", update, { signal });
  update();
  return list;
}

function entry(transfer, signal, onChange) {
  const { name } = transfer.file;
  const bar = progress(`${name}: upload`);
  const words = h("p", { class: "quiet" });
  const spoken = h("p", { class: "unseen", role: "status" });
  const buttons = h("span", { class: "choices" });
  const title = h("h3", {}, name);
  const item = h("li", { class: "upload" }, title, buttons, bar, words, spoken);
  let drawn = "";
  const draw = () => {
    words.textContent = sentence(transfer);
    bar.update(transfer.percent);
    item.dataset.state = transfer.state;
    if (drawn === transfer.state) return;
    drawn = transfer.state;
    spoken.textContent = `${name}: ${words.textContent}`; // not each percent
    keepFocusIn(buttons, title, () => buttons.replaceChildren(...actions(transfer, onChange)));
    if (transfer.state === "done") {
      title.replaceChildren(h("a", { href: `#/film/${transfer.filmId}`, text: name }));
      onChange();
      encode(transfer, { bar, words, item, spoken }, signal, onChange);
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

async function encode(transfer, { bar, words, item, spoken }, signal, onChange) {
  bar.update(0);
  bar.classList.add("encoding");
  const { name } = transfer.file;
  bar.setAttribute("aria-label", `${name}: encoding`);
  try {
    const show = (status) => {
      const said = status.failure?.message ?? stateName(status.state);
      if (item.dataset.state !== status.state) spoken.textContent = `${name}: ${said}`; // not each percent
      item.dataset.state = status.state;
      bar.update(status.percent);
      words.textContent = status.state === "encoding" ? `${said} · ${percent(status.percent)}` : said;
    };
    await follow(transfer.filmId, show, signal);
    onChange();
  } catch (error) {
    if (error.status !== 404) complain(error); // deleted meanwhile
  }
}
