// Where files are dropped, or picked. The whole page takes what is dropped, so nobody misses the frame.

import { h } from "../core/dom.js";
import { icon } from "../components/icon.js";
import { toggle } from "../components/form.js";
import { complain } from "../components/toast.js";
import { ApiError } from "../core/api.js";
import { enqueue } from "../upload/queue.js";

export function dropzone() {
  const picker = h("input", { type: "file", multiple: true, accept: "video/*,.mkv,.mxf,.ts,.m2ts", class: "unseen", tabindex: "-1", "aria-label": "Film files", onchange: () => take(picker.files) });
  const publish = toggle("Publish when ready", { name: "publish", checked: true, hint: "Off: only you see the film until you publish it." });
  const zone = h(
    "section",
    { class: "dropzone", "aria-label": "Upload" },
    icon("upload"),
    h("div", { class: "words" }, h("h2", { text: "Drop films here" }), h("p", { class: "quiet", text: "Or pick them. Large files go up in parts: pause whenever you like; after a reload, pick the same file and it goes on." })),
    h("button", { type: "button", class: "primary", text: "Choose files", onclick: () => picker.click() }),
    publish,
    picker,
  );
  async function take(files) {
    const all = [...files];
    picker.value = "";
    const areFilms = await Promise.all(all.map(isFilm));
    const films = all.filter((_, index) => areFilms[index]);
    const others = all.filter((file) => !films.includes(file));
    if (others.length) complain(new ApiError(`${others.map((file) => file.name).join(", ")}: not a film that can be uploaded.`));
    if (films.length) enqueue(films, { publish: publish.querySelector("input").checked });
  }
  listen(zone, take);
  return zone;
}

async function isFilm(file) {
  return file.size > 0 && (file.type === "" || file.type.startsWith("video/") || file.type === "application/mxf") && isReadable(file);
}

// a folder is a file, too, of some bytes and no type, until somebody reads it
function isReadable(file) {
  return file.slice(0, 1).arrayBuffer().then(() => true, () => false);
}

function listen(zone, take) {
  const leaving = new AbortController();
  const { signal } = leaving;
  const on = (name, action) => document.addEventListener(name, (event) => (zone.isConnected ? action(event) : leaving.abort()), { signal });
  const light = (isOver) => zone.classList.toggle("over", isOver);
  on("dragover", (event) => {
    if (!event.dataTransfer.types.includes("Files")) return;
    event.preventDefault();
    light(true);
  });
  on("dragleave", (event) => event.relatedTarget === null && light(false));
  on("drop", (event) => {
    event.preventDefault();
    light(false);
    take(event.dataTransfer.files);
  });
}
