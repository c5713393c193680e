// Captions: one WebVTT or SubRip file for each language.

import { ApiError, call } from "../core/api.js";
import { h } from "../core/dom.js";
import { confirm } from "../components/confirm.js";
import { field, form } from "../components/form.js";
import { keepFocus } from "../components/keep_focus.js";
import { complain, say } from "../components/toast.js";

/** The box; where the API knows no captions it stays away. */
export function captionsBox(id, signal) {
  const list = h("ul", { class: "captions", role: "list" });
  const box = h("section", { class: "box", hidden: true }, h("h2", { text: "Captions" }), list, captionForm(id, () => refresh()));
  const refresh = async () => {
    try {
      const captions = await call("GET", `video/${id}/captions/`, undefined, { signal });
      box.hidden = false;
      const entries = captions.length ? captions.map((each) => entry(each)) : [h("li", { class: "quiet", text: "None yet." })];
      keepFocus(list, () => list.replaceChildren(...entries));
    } catch (error) {
      if (error.status !== 404) complain(error);
    }
  };
  const entry = (caption) => {
    const language = caption.language ?? caption;
    return h("li", { dataset: { key: language } }, h("span", { text: nameOf(language) }), h("span", { class: "quiet", text: language }), h("span", { class: "spring" }), h("button", { type: "button", class: "ghost", "aria-label": `Remove captions: ${nameOf(language)}`, text: "Remove", onclick: () => remove(id, language, refresh).catch(complain) }));
  };
  refresh();
  return box;
}

function nameOf(language) {
  try {
    return new Intl.DisplayNames([], { type: "language" }).of(language);
  } catch {
    return language; // a tag that the browser does not know
  }
}

async function remove(id, language, refresh) {
  const isSure = await confirm({ title: `Remove the captions in ${nameOf(language)}?`, text: "Viewers cannot choose them any more.", yes: "Remove" });
  if (!isSure) return;
  await call("DELETE", `video/${id}/captions/${encodeURIComponent(language)}/`);
  await refresh();
}

function captionForm(id, onAdded) {
  const view = form(
    {
      submit: "Add captions",
      send: async ({ language, file }) => {
        if (!file?.size) throw new ApiError("Choose a .vtt or .srt file.", { errors: { file: ["Choose a .vtt or .srt file."] } });
        const isVtt = /\.vtt$/i.test(file.name);
        await call("PUT", `video/${id}/captions/${encodeURIComponent(language.trim())}/`, file, { contentType: isVtt ? "text/vtt" : "application/x-subrip" });
        view.reset();
        say("The captions were added.");
        onAdded();
      },
    },
    field("Language", { name: "language", required: true, maxlength: "35", placeholder: "en, de, pt-BR", autocomplete: "off", spellcheck: "false", hint: "A language tag (BCP 47)." }),
    field("File", { name: "file", type: "file", accept: ".vtt,.srt,text/vtt" }),
  );
  return view;
}
