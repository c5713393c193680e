// The list of qualities that media-chrome's menu reads from a video element: `videoRenditions`, of which browsers have
// none yet. This is the part of https://github.com/WICG/media-tracks that the menu needs.

export class Renditions extends EventTarget {
  #items = [];
  #selected = -1;

  get length() {
    return this.#items.length;
  }

  /** Which one was chosen by hand; -1: the engine decides. */
  get selectedIndex() {
    return this.#selected;
  }

  set selectedIndex(index) {
    this.#selected = index;
    this.dispatchEvent(new Event("change"));
  }

  /** Replace the list; what was chosen stays so. An item is `{id, name, width, height, bitrate}`: pixels, bits per second. */
  fill(items) {
    const chosen = this.#items[this.#selected]?.id;
    for (let index = 0; index < this.#items.length; index += 1) delete this[index];
    this.#items = items;
    Object.assign(this, items);
    this.#selected = items.findIndex((item) => item.id === chosen);
    this.dispatchEvent(new Event("addrendition"));
  }

  [Symbol.iterator]() {
    return this.#items[Symbol.iterator]();
  }
}

/** A rendition by the contract's name, e.g. `720p`. The menu shows the smaller side: a wide film's 720p has fewer lines. */
export function rendition(name, bitrate) {
  const height = Number.parseInt(name, 10);
  return { id: name, name, width: Math.round((height * 16) / 9), height, bitrate };
}
