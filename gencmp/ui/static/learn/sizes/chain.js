// The way of the numbers through two networks: a bar for each tensor, and where they no longer fit, the break.

import { el, thousands } from "../../shared/base.js";
import { parametersByNetwork, parametersOf } from "./shapes.js";

/** @typedef {import("./shapes.js").Step} Step */

const HEADS = { encoder: "Encoder", decoder: "Decoder", generator: "Generator", discriminator: "Discriminator" };
const NAMES = {
  pixels: "digits",
  hidden: "hidden",
  "mean and log variance": "means, log variances",
  z: "z, drawn",
  noise: "noise",
  picture: "pictures",
  opinion: "D's opinion",
};
const WIDEST = 784; // numbers: a bar of full length

const shape = (batch, width) => `[${batch}, ${width}]`;
const length = (width) => `--length: ${Math.round((100 * Math.log(width + 1)) / Math.log(WIDEST + 1))}%`;

export class Chain {
  constructor() {
    this.root = el("div", { class: "gw-chain", role: "img" });
  }

  /**
   * @param {Step[]} steps
   * @param {number} batch  pictures
   */
  show(steps, batch) {
    const networks = [...new Set(steps.map(({ network }) => network))];
    this.root.setAttribute("aria-label", inWords(steps, batch));
    this.root.replaceChildren(
      ...networks.map((name) => drawn(name, steps.filter(({ network }) => network === name), batch)), // prettier-ignore
    );
  }
}

/**
 * The whole drawing for those who cannot see it.
 * @param {Step[]} steps
 * @param {number} batch
 */
function inWords(steps, batch) {
  const words = steps.map(({ name, width, broken }) =>
    broken ? `here it breaks; not reached: ${NAMES[name]}` : `${NAMES[name]} ${shape(batch, width)}`,
  );
  return `Shapes in order: ${words.join(", then ")}.`;
}

function drawn(name, steps, batch) {
  const count = parametersByNetwork(steps)[0]?.[1],
    size = count ? el("small", {}, `${thousands(count)} parameters`) : null;
  // the first layer of the network that a dial can break
  const joint = ["decoder", "generator"].includes(name) ? steps[0] : null;
  const inside = steps.flatMap((step) => [layerOf(step, step === joint), tensorOf(step, batch)].filter(Boolean));
  return el(
    "div",
    { class: "gw-network", style: `--steps: ${steps.length}` },
    el("header", {}, el("strong", {}, HEADS[name] ?? ""), size),
    el("div", { class: "gw-steps" }, ...inside),
  );
}

function layerOf({ layer, broken, reached }, isJoint) {
  if (!layer) return null;
  const state = broken ? "broken" : reached ? "" : "unreached",
    title = `A linear layer: ${thousands(parametersOf(layer))} parameters`;
  return el(
    "div",
    { class: "gw-layer", "data-state": state, title },
    isJoint ? el("i", { class: "gw-socket", style: length(layer.inputs) }) : null,
    el("span", {}, `${layer.inputs} → ${layer.outputs}`),
  );
}

const tensorOf = ({ name, width, reached }, batch) =>
  el(
    "div",
    { class: "gw-tensor", "data-state": reached ? "" : "unreached" },
    el("i", { class: "gw-bar", style: length(width) }),
    el("span", {}, el("b", {}, shape(batch, width)), el("small", {}, NAMES[name])),
  );
