// What a button does: a double click is one, and while its action is under way the button takes no other.

import { complain } from "./toast.js";

/** The listener of a button's clicks: `action()` is awaited, and what goes wrong is said. */
export function press(action) {
  return async ({ currentTarget: button, detail }) => {
    if (detail > 1 || button.getAttribute("aria-busy") === "true") return; // `detail` counts clicks in quick succession
    button.setAttribute("aria-busy", "true");
    try {
      await action();
    } catch (error) {
      complain(error);
    } finally {
      button.removeAttribute("aria-busy");
    }
  };
}
