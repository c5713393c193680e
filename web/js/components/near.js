// What waits until it is nearly seen. A browser's own lazy loading fetches what lies more than a screen below.

const MARGIN = "80px"; // around the window, and around what scrolls in it

const actions = new WeakMap();
const observer = new IntersectionObserver(
  (entries) => {
    for (const { target, isIntersecting } of entries) {
      if (!isIntersecting) continue;
      observer.unobserve(target);
      actions.get(target)();
    }
  },
  { rootMargin: MARGIN, scrollMargin: MARGIN },
);

/** Call `action` once, when `element` is about to be seen. */
export function whenNear(element, action) {
  actions.set(element, action);
  observer.observe(element);
}
