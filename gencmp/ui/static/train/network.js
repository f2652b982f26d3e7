// One network as it is built: a bar for each layer, as high as it is wide, the weights between them, arrows for the
// direction of the numbers and of the gradient, and how far each layer's weights moved.

import { el, thousands } from "../shared/base.js";
import { explained } from "../shared/terms.js";
import { gradientOf, logShare, percent, roleOf } from "./phases.js";

const SVG = "http://www.w3.org/2000/svg";
const WIDEST = 3000; // neurons: a bar of full height
const ROLES = { learns: "learns now", rests: "stands still", waits: "" };
const FATES = {
  changed: "moves these weights by",
  passed: "passes; these weights stay",
  "": "does not come here",
};

/**
 * An element of SVG.
 * @param {string} tag
 * @param {Record<string, string | number>} attributes
 * @param {any[]} children
 * @returns {any}
 */
export function svg(tag, attributes = {}, ...children) {
  const node = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, String(value));
  node.append(...children);
  return node;
}

/**
 * The numbers that a layer gives, in one row or in maps of side x side; kind: of the layer, "" for what goes in.
 * @typedef {{neurons?: number, maps?: number, side?: number, kind?: string}} Drawn
 */

/**
 * How many they are.
 * @param {Drawn} layer
 */
export const sizeOf = ({ neurons, maps = 0, side = 0 }) => neurons ?? maps * side * side;

/** @param {Drawn} layer */
const layerWords = ({ neurons, maps, side }) =>
  neurons ? thousands(neurons) : maps === 1 ? `${side}²` : `${maps} × ${side}²`;

/**
 * The height of a layer's bar, by the logarithm of its size.
 * @param {Drawn} layer
 * @returns {number} 0 to 100
 */
export const heightOf = (layer) => Math.min(100, 14 + (86 * Math.log(sizeOf(layer))) / Math.log(WIDEST));

export class Network {
  /**
   * @param {string} name  as in a moment: "generator"
   * @param {string} title  with its term in brackets
   * @param {any[]} layers  from input to output
   * @param {string[]} ends  what goes in, and what comes out
   */
  constructor(name, title, layers, ends, nouns) {
    this.name = name;
    this.layers = layers;
    this.ends = ends;
    this.role = el("span", { class: "gt-role" });
    this.fate = el("small");
    this.moved = layers.slice(1).map(() => movedBar());
    this.root = el(
      "div",
      { class: "gt-network" },
      el(
        "header",
        {},
        el("h3", {}, ...explained(title, nouns)),
        el("span", { class: "gt-lane" }, ...explained("[forward]", nouns), arrow("right")),
        this.role,
      ),
      el("div", { class: "gt-drawing" }, drawing(layers), this.#layers()),
      el("div", { class: "gt-lane gt-backward" }, ...explained("[gradient]", nouns), arrow("left"), this.fate),
      this.#movedRow(),
    );
    this.root.dataset.network = name;
  }

  // The layers' widths, each with its explanation over its bar.
  #layers() {
    const last = this.layers.length - 1;
    const columns = this.layers.map((layer, i) =>
      el(
        "span",
        { "data-tip": layerTip(this.layers, i, this.ends), tabindex: "0", role: "note" },
        el("b", {}, layerWords(layer)),
        i === 0 || i === last ? el("small", {}, this.ends[i && 1]) : null,
      ),
    );
    const root = el("div", { class: "gt-layers" }, ...columns);
    root.classList.toggle("gt-narrow", columns.length > 7);
    root.style.gridTemplateColumns = `repeat(${columns.length}, minmax(0, 1fr))`;
    return root;
  }

  #movedRow() {
    const bars = el("div", { class: "gt-moved" }, ...this.moved.map(({ root }) => root));
    const { length } = this.layers;
    bars.style.gridTemplateColumns = `repeat(${length - 1}, minmax(0, 1fr))`;
    bars.style.marginInline = `${50 / length}%`; // weights lie between two layers
    bars.classList.toggle("gt-narrow", length > 7);
    return bars;
  }

  /**
   * @param {{acts: string, next: string, moved?: Record<string, number[]>}} moment
   */
  show({ acts, next, moved }) {
    const role = roleOf(this.name, acts),
      gradient = gradientOf(this.name, acts);
    this.root.dataset.role = role;
    this.root.dataset.gradient = gradient;
    this.role.textContent = role === "waits" && [this.name, "vae"].includes(next) ? "learns next" : ROLES[role];
    this.fate.textContent = acts ? FATES[gradient] : "";
    this.moved.forEach((bar, i) => bar.show(moved?.[this.name]?.[i] ?? 0, acts));
  }
}

function movedBar() {
  const bar = svg("rect", { x: 0, y: 0, width: "0%", height: "100%", rx: 2 });
  const track = svg(
    "svg",
    { class: "gt-track", "aria-hidden": "true" },
    svg("rect", { class: "gt-ground", width: "100%", height: "100%", rx: 2 }),
    bar,
  );
  const words = el("span");
  const root = el("div", {}, track, words);
  const show = (change, acts) => {
    bar.setAttribute("width", `${100 * logShare(change)}%`);
    root.dataset.change = String(change);
    words.textContent = acts ? percent(change) : "";
    root.dataset.tip = change
      ? `The weights between these two layers moved by ${percent(change)} of their size in this phase. Blank paper is 0.001 % or less, a full bar 10 % or more, on a logarithmic scale.`
      : "The weights between these two layers did not move in this phase. They are read all the same: numbers flow through them.";
  };
  return { root, show };
}

// Bars for the layers and fans for the weights between them, stretched to the width of their place.
function drawing(layers) {
  const at = (i) => (100 * (i + 0.5)) / layers.length,
    half = Math.min(2.2, 14 / layers.length),
    heights = layers.map(heightOf);
  const fans = heights.slice(1).map((after, i) => {
    const before = heights[i],
      [from, to] = [at(i) + half, at(i + 1) - half];
    const corners = [
      [from, 50 - before / 2],
      [to, 50 - after / 2],
      [to, 50 + after / 2],
      [from, 50 + before / 2],
    ];
    return svg("polygon", { class: "gt-fan", points: corners.map((each) => each.join()).join(" ") });
  });
  const bars = layers.flatMap((layer, i) =>
    stacked(layer).map((shift) =>
      svg("rect", {
        class: "gt-bar",
        x: at(i) - half + shift,
        y: 50 - heights[i] / 2 + 2 * shift,
        width: 2 * half,
        height: heights[i],
        rx: 0.6,
      }),
    ),
  );
  return svg(
    "svg",
    { class: "gt-shape", viewBox: "0 0 100 100", preserveAspectRatio: "none", "aria-hidden": "true" },
    ...fans,
    ...bars,
  );
}

// Maps lie behind each other; neurons stand in one bar. Answers how far each bar is shifted.
const stacked = ({ maps = 1 }) => (maps > 1 ? [1.2, 0.6, 0] : [0]);

const WORKS = {
  convolution:
    "Each map looks for one small pattern everywhere in the maps before it: the same few weights at every place.",
  "transposed convolution":
    "Each number of the maps before it lays a small pattern of weights onto the larger maps; where patterns meet, they add up.",
};

/**
 * What a layer does, in words.
 * @param {Drawn[]} layers
 * @param {number} i
 * @param {string[]} ends
 */
export function layerTip(layers, i, ends) {
  const layer = layers[i],
    { kind = "", maps, side } = layer,
    count = thousands(sizeOf(layer));
  const map = `${side} × ${side} numbers`,
    many = maps ? (maps === 1 ? map : `${maps} maps of ${map}`) : `${count} ${count === "1" ? "number" : "numbers"}`;
  if (i === 0) {
    const way = layers[1].kind === "convolution" ? "The next layer looks at small squares of it." : "Each is passed on to the next layer along a weight of its own."; // prettier-ignore
    return `What goes in: ${ends[0]}, ${many}. ${way}`;
  }
  const work = kind in WORKS ? ` A ${kind}. ${WORKS[kind]}` : "";
  if (i === layers.length - 1)
    return `What comes out: ${ends[1]}, ${many}.${work} The loss says how far it is from what is wanted.`;
  if (work) return `A ${kind}: ${many}. ${WORKS[kind]}`;
  return `A layer of ${count} neurons${maps ? `, laid out as ${many}` : ""}. Each adds up all numbers of the layer before it, each times a weight, and passes the result on.`;
}

/**
 * An arrow as long as its place.
 * @param {"right" | "left" | "down" | "up"} direction
 */
export function arrow(direction) {
  const lies = direction === "right" || direction === "left",
    ends = direction === "right" || direction === "down",
    head = { right: "M-8,-5 L0,0 L-8,5", left: "M8,-5 L0,0 L8,5", down: "M-5,-8 L0,0 L5,-8", up: "M-5,8 L0,0 L5,8" }[
      direction
    ];
  const tip = ends ? "100%" : "0%",
    tail = ends ? "0%" : "100%";
  const line = lies ? { x1: tail, x2: tip, y1: "50%", y2: "50%" } : { y1: tail, y2: tip, x1: "50%", x2: "50%" };
  const place = lies ? { x: tip, y: "50%" } : { x: "50%", y: tip };
  return svg(
    "svg",
    { class: `gt-arrow gt-${direction}`, "aria-hidden": "true" },
    svg("line", { ...line, pathLength: "100" }),
    svg("svg", { ...place, overflow: "visible" }, svg("path", { d: head })),
  );
}
