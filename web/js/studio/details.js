// The texts of a film, and whether everybody sees it.

import { call } from "../core/api.js";
import { h } from "../core/dom.js";
import { field, form, toggle } from "../components/form.js";
import { say } from "../components/toast.js";

const CATEGORIES = ["action", "comedy", "documentary", "drama", "romance"];

/** The form; `onSaved(film)` gets what the API keeps now. */
export function detailsForm(film, onSaved) {
  const published = toggle("Published", { name: "published", checked: film.published, hint: "Everybody sees the film. Off: only you and staff." });
  const suggestions = h("datalist", { id: "categories" }, CATEGORIES.map((name) => h("option", { value: name })));
  const view = form(
    {
      class: "box",
      "aria-label": "Details",
      submit: "Save",
      send: async ({ title, description, category }) => {
        const saved = await call("PATCH", `video/${film.id}/`, { title, description, category, published: published.querySelector("input").checked });
        for (const name of ["title", "description", "category"]) view.elements[name].value = saved[name];
        say("Saved.");
        onSaved(saved);
      },
    },
    h("h2", { text: "Details" }),
    field("Title", { name: "title", value: film.title, required: true, maxlength: "255", autocomplete: "off" }),
    field("Description", { name: "description", control: "textarea", value: film.description, maxlength: "5000", rows: "4" }),
    field("Category", { name: "category", value: film.category, list: "categories", required: true, maxlength: "40", pattern: "[\\p{L}\\p{N}_ \\-]{1,40}", autocomplete: "off", hint: "One of the suggestions, or one of your own." }),
    suggestions,
    published,
  );
  return view;
}
