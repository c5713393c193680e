// The texts of a film, and whether everybody sees it.

import { call } from "../core/api.js";
import { h } from "../core/dom.js";
import { field, form, toggle } from "../components/form.js";
import { say } from "../components/toast.js";

const FIELDS = { title: "value", description: "value", category: "value", published: "checked" }; // and what of each is kept
const CATEGORIES = ["action", "comedy", "documentary", "drama", "romance"];

/** The form; `onSaved(film)` gets what the API keeps now. Only what was changed here is sent: others change films, too. */
export function detailsForm(film, onSaved) {
  const before = {};
  // what was changed since the form had the values `known` stays, and is sent next
  const fill = (fresh, known) => {
    for (const [name, property] of Object.entries(FIELDS)) {
      const element = view.elements[name];
      const isAsKnown = element[property] === known[name];
      if (isAsKnown) element[property] = fresh[name];
      before[name] = isAsKnown ? element[property] : fresh[name]; // an element writes line breaks in its own way
    }
  };
  const published = toggle("Published", { name: "published", hint: "Everybody sees the film. Off: only you and staff." });
  const suggestions = h("datalist", { id: "categories" }, CATEGORIES.map((name) => h("option", { value: name })));
  const view = form(
    {
      class: "box",
      "aria-label": "Details",
      submit: "Save",
      send: async () => {
        const values = valuesOf(view);
        const changed = Object.entries(values).filter(([name, value]) => value !== before[name]);
        const saved = await call("PATCH", `video/${film.id}/`, Object.fromEntries(changed));
        fill(saved, values);
        say("Saved.");
        onSaved(saved);
      },
    },
    h("h2", { text: "Details" }),
    field("Title", { name: "title", required: true, maxlength: "255", autocomplete: "off" }),
    field("Description", { name: "description", control: "textarea", maxlength: "5000", rows: "4" }),
    field("Category", { name: "category", list: "categories", required: true, maxlength: "40", pattern: "[\\p{L}\\p{N}_ \\-]{1,40}", autocomplete: "off", hint: "One of the suggestions, or one of your own." }),
    suggestions,
    published,
  );
  fill(film, valuesOf(view));
  return view;
}

function valuesOf({ elements }) {
  return Object.fromEntries(Object.entries(FIELDS).map(([name, property]) => [name, elements[name][property]]));
}
