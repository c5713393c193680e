// The page's few pictograms, drawn for it: 24 by 24, strokes in the colour of the text.

const SHAPES = {
  play: { fill: "M7 4.5v15l12.5-7.5z" },
  pause: { fill: "M6 5h4v14H6zM14 5h4v14h-4z" },
  search: { stroke: "M10.5 17a6.5 6.5 0 1 0 0-13 6.5 6.5 0 0 0 0 13zM15.5 15.5 20 20" },
  left: { stroke: "M14.5 5 7.5 12l7 7" },
  right: { stroke: "M9.5 5l7 7-7 7" },
  upload: { stroke: "M12 16V4M7 9l5-5 5 5M4 16v4h16v-4" },
  film: { stroke: "M4 5h16v14H4zM8 5v14M16 5v14M4 9h4M4 15h4M16 9h4M16 15h4" },
  warning: { stroke: "M12 4 2.8 20h18.4zM12 10v5M12 17.4v.2" },
  check: { stroke: "M5 12.5 10 17l9-10" },
  close: { stroke: "M6 6l12 12M18 6 6 18" },
  trash: { stroke: "M5 7h14M10 7V4h4v3M7 7l1 13h8l1-13" },
  again: { stroke: "M19 12a7 7 0 1 1-2.2-5.1M19 4v4h-4" },
  mail: { stroke: "M3.5 6h17v12h-17zM3.5 7l8.5 6 8.5-6" },
  sliders: { stroke: "M4 7h8M18 7h2M15 4.500v5M4 12h2M12 12h8M9 9.500v5M4 17h8M18 17h2M15 14.500v5" },
  people: { stroke: "M9 11a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7zM2.5 20c.4-4 3-6 6.500-6s6.100 2 6.500 6M16 4.600a3.500 3.500 0 0 1 0 6.300M18 14.600c2 .8 3.300 2.600 3.500 5.400" },
};

const SVG = "http://www.w3.org/2000/svg";

/** A pictogram for the eye only; whatever carries it needs a name of its own. */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  for (const [key, value] of [["viewBox", "0 0 24 24"], ["aria-hidden", "true"], ["class", "icon"]]) svg.setAttribute(key, value);
  const path = document.createElementNS(SVG, "path");
  const { fill, stroke } = SHAPES[name];
  path.setAttribute("d", fill ?? stroke);
  path.setAttribute("class", fill ? "filled" : "drawn");
  svg.append(path);
  return svg;
}
