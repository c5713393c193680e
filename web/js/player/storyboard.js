// The storyboard: a WebVTT file whose cues name the part of a picture that shows each stretch of the film.

import { callForText } from "../core/api.js";
import { h } from "../core/dom.js";

/** The film's storyboard as WebVTT, or null where there is none (yet). */
export async function loadStoryboard(id, signal) {
  try {
    return await callForText("GET", `video/${id}/storyboard.vtt`, { signal });
  } catch (error) {
    if (error.status === 404) return null;
    throw error;
  }
}

/** The track that media-chrome's seek bar reads its previews from. */
export function thumbnailTrack(storyboard, signal) {
  const src = URL.createObjectURL(new Blob([storyboard], { type: "text/vtt" }));
  signal.addEventListener("abort", () => URL.revokeObjectURL(src), { once: true });
  return h("track", { kind: "metadata", label: "thumbnails", default: true, src });
}

const CUE = /([\d:.]+) --> ([\d:.]+)[^\n]*\n(\S+)#xywh=(\d+),(\d+),(\d+),(\d+)/g;

/** The tiles of a storyboard: `{start, end, url, x, y, width, height}`, in seconds and pixels. */
export function tiles(storyboard) {
  return [...storyboard.matchAll(CUE)].map(([, start, end, url, ...area]) => {
    const [x, y, width, height] = area.map(Number);
    return { start: seconds(start), end: seconds(end), url, x, y, width, height };
  });
}

function seconds(time) {
  return time.split(":").reduce((sum, part) => sum * 60 + Number(part), 0);
}

/** One tile as a picture. The sheet is fetched once for all of them, with credentials as everything from the storage. */
export function tilePicture(tile, width) {
  const scale = width / tile.width;
  const sheet = h("img", { alt: "", crossorigin: "use-credentials", loading: "lazy", vars: { "--x": `${-tile.x * scale}px`, "--y": `${-tile.y * scale}px`, "--scale": scale } });
  sheet.src = tile.url;
  return h("span", { class: "tile", vars: { "--width": `${width}px`, "--height": `${tile.height * scale}px` } }, sheet);
}
