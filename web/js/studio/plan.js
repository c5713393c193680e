// For staff: what is made of a film, in how many parts, and what that cost.

import { call } from "../core/api.js";
import { h } from "../core/dom.js";
import { bitrate, clock, dollars, size } from "../core/format.js";
import { current } from "../core/session.js";
import { complain } from "../components/toast.js";

/** The box; it stays away for everybody else, and while there is no plan. `box.again()` asks anew. */
export function planBox(id, signal) {
  const body = h("div", { class: "plan" });
  const box = h("section", { class: "box", hidden: true, "aria-labelledby": `plan-${id}` }, h("h2", { id: `plan-${id}`, text: "Plan" }), body);
  box.again = () => show(id, { box, body }, signal).catch(complain);
  box.again();
  return box;
}

async function show(id, { box, body }, signal) {
  const account = await current();
  if (!account?.is_staff) return;
  const plan = await planOf(id, signal);
  box.hidden = plan === null;
  if (plan) body.replaceChildren(ladder(plan.renditions), numbers(plan));
}

async function planOf(id, signal) {
  try {
    return await call("GET", `video/${id}/plan/`, undefined, { signal });
  } catch (error) {
    if (error.status === 404) return null; // nobody has looked at the file yet
    throw error;
  }
}

function ladder(renditions) {
  const head = ["Rendition", "Size", "At most", "Made by"].map((text) => h("th", { scope: "col", text }));
  const rows = [...renditions].reverse().map((each) => h("tr", {}, h("th", { scope: "row", text: each.name }), h("td", { text: `${each.width} × ${each.height}` }), h("td", { text: bitrate(each.bandwidth) }), h("td", { text: each.copied ? "Copying" : "Encoding" })));
  return h("table", {}, h("thead", {}, h("tr", {}, head)), h("tbody", {}, rows));
}

function numbers({ duration, frame_rate: rate, segments, chunks, cost }) {
  const facts = [
    ["Length", `${clock(duration)}, ${rate.toLocaleString([], { maximumFractionDigits: 3 })} frames a second`],
    ["Segments", `${segments.toLocaleString()} of each rendition`],
    chunks > 0 && ["Chunks", chunks.toLocaleString()], // 0: of a film from before they were counted
    cost && ["Stored", `${size(cost.bytes)} in ${cost.requests.toLocaleString()} requests`],
    cost && ["Cost on AWS", `about ${dollars(cost.usd)}, ${cost.gb_seconds.toLocaleString([], { maximumSignificantDigits: 3 })} GB-seconds`],
  ];
  return h("dl", {}, facts.filter(Boolean).map(([name, value]) => h("div", {}, h("dt", { text: name }), h("dd", { text: value }))));
}
