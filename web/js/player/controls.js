// The controls, put together from media-chrome's elements. They carry their own names, keys and states for screen readers.

import "/vendor/media-chrome/all.js";
import { h } from "../core/dom.js";
import { icon } from "../components/icon.js";

const SKIP = "10"; // seconds

export function controls(video, title) {
  return h(
    "media-controller",
    { class: "player", keyboardforwardseekoffset: SKIP, keyboardbackwardseekoffset: SKIP, "aria-label": `Player: ${title}` },
    video,
    h("div", { class: "title-bar", slot: "top-chrome" }, h("a", { class: "back", href: "#/", "aria-label": "Back to all films" }, icon("left")), h("span", { text: title })),
    h("media-loading-indicator", { slot: "centered-chrome", noautohide: true }),
    settings(),
    h("media-control-bar", { class: "seek" }, seekBar()),
    h(
      "media-control-bar",
      { class: "buttons" },
      h("media-play-button"),
      h("media-seek-backward-button", { seekoffset: SKIP, class: "roomy" }),
      h("media-seek-forward-button", { seekoffset: SKIP, class: "roomy" }),
      h("media-mute-button"),
      h("media-volume-range", { class: "roomy" }),
      h("media-time-display", { showduration: true }),
      h("span", { class: "spring" }),
      h("media-captions-button"),
      h("media-settings-menu-button", {}, sliders()),
      h("media-pip-button"),
      h("media-fullscreen-button"),
    ),
  );
}

function seekBar() {
  return h("media-time-range", {}, h("media-preview-thumbnail", { slot: "preview" }), h("media-preview-time-display", { slot: "preview" }));
}

function settings() {
  return h(
    "media-settings-menu",
    { hidden: true, anchor: "auto" },
    setting("Quality", "media-rendition-menu"),
    setting("Captions", "media-captions-menu"),
    setting("Speed", "media-playback-rate-menu", { rates: "0.5 0.75 1 1.25 1.5 2" }),
  );
}

function sliders() {
  const picture = icon("sliders");
  picture.setAttribute("slot", "icon");
  return picture;
}

function setting(label, menu, properties = {}) {
  return h("media-settings-menu-item", {}, label, h(menu, { slot: "submenu", hidden: true, ...properties }, h("div", { slot: "title", text: label })));
}
