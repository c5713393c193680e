// A question before something that cannot be undone. The dialog is the browser's own: it keeps the focus and closes by Escape.

import { h, uniqueId } from "../core/dom.js";

/** Ask; answers whether the person said yes. */
export function confirm({ title, text, yes, isDangerous = true }) {
  return new Promise((resolve) => {
    const id = uniqueId("question");
    const dialog = h(
      "dialog",
      { class: "question", "aria-labelledby": id, onclose: () => (resolve(dialog.returnValue === "yes"), dialog.remove()) },
      h(
        "form",
        { method: "dialog" },
        h("h2", { id, text: title }),
        h("p", { class: "quiet", text }),
        h(
          "div",
          { class: "choices" },
          h("button", { value: "no", class: "secondary", text: "Cancel", autofocus: true }),
          h("button", { value: "yes", class: isDangerous ? "danger" : "primary", text: yes }),
        ),
      ),
    );
    document.body.append(dialog);
    dialog.showModal();
  });
}
