// PyTorch's message, word by word, with the two matrices and the line of our code from which it comes.

import { el } from "../../shared/base.js";
import { explained } from "../../shared/terms.js";
import { codeOf, counted } from "../parts.js";
import { messageParts } from "./shapes.js";

/** @typedef {{ what: string, from: string, into: string }} Ends  what comes, where from, and into which network */

/**
 * Each piece of the message with its explanation, by its name in messageParts.
 * @param {number[]} clashing  the four numbers
 * @param {Ends} ends
 * @returns {Record<string, [string, string]>}
 */
function explanations([rows, columns, inputs, neurons], { what, from, into }) {
  const first = `${counted(rows, "row")} by ${counted(columns, "column")}`,
    second = `${counted(inputs, "row")} by ${counted(neurons, "column")}`,
    pairs = `${counted(columns, "number")} and ${counted(inputs, "weight")}`;
  return {
    mat1: ["mat1", `The first matrix: ${what}, as it comes from ${from}. Its [shape] is ${first}.`],
    mat2: [
      "mat2",
      `The second: the weights of the first [linear layer] of ${into}, ${second}. (PyTorch keeps them turned, as ${neurons} by ${inputs}.)`,
    ],
    rows: [`${rows}`, "Rows of the first: one for each picture of the [batch]. Any size works."],
    columns: [
      `${columns}`,
      `Columns of the first: the numbers that come for each picture. This is the size that ${from} gives.`,
    ],
    inputs: [
      `${inputs}`,
      `Rows of the second: the numbers that the layer takes for each picture. This is the size that ${into} was built with.`,
    ],
    neurons: [`${neurons}`, "Columns of the second: the layer's neurons. Any size works."],
    cannot: [
      "cannot be multiplied",
      `Each neuron multiplies the first number by its first weight, the second by its second, and so on, and adds up. ${pairs} do not pair off: the two in the middle must be equal.`,
    ],
  };
}

export class Message {
  /** @param {any} nouns */
  constructor(nouns) {
    this.nouns = nouns;
    this.root = el("section", { class: "gw-error" });
  }

  /** What can be done to see a message. */
  showNone() {
    const words = "Turn one of the two dials alone to see where it breaks, and what PyTorch says.";
    this.root.replaceChildren(el("p", { class: "gw-note" }, words));
  }

  /**
   * @param {number[]} clashing  the four numbers
   * @param {Ends} ends
   * @param {import("../parts.js").Excerpt[]} code  where it fails
   */
  show(clashing, ends, code) {
    const where = [
      matrices(clashing),
      el("p", { class: "gw-note" }, "The error comes with the first batch, from this line:"),
      codeOf(code).root,
    ];
    const rows = Object.entries(explanations(clashing, ends)).map(([part, each]) => this.#row(part, each));
    this.root.replaceChildren(
      el("h2", {}, "What PyTorch says, word by word"),
      el("p", { class: "gw-message" }, el("code", {}, "RuntimeError: ", ...messageParts(clashing).map(token))),
      el(
        "div",
        { class: "gw-halves" },
        el("dl", { class: "gw-explained" }, ...rows),
        el("div", { class: "gw-where" }, ...where),
      ),
    );
    this.#listen();
  }

  #row(part, [words, sentence]) {
    const term = el("dt", {}, el("code", {}, words));
    return el("div", { class: "gw-part", "data-part": part }, term, el("dd", {}, ...explained(sentence, this.nouns)));
  }

  // A word and its explanation light up together.
  #listen() {
    for (const each of this.root.querySelectorAll(".gw-part")) {
      each.addEventListener("pointerenter", () => this.#light(each.dataset.part));
      each.addEventListener("pointerleave", () => this.#light(""));
    }
  }

  #light(part) {
    for (const each of this.root.querySelectorAll(".gw-part"))
      each.classList.toggle("gw-lit", each.dataset.part === part);
  }
}

const token = ([words, part]) => (part ? el("span", { class: "gw-part gw-token", "data-part": part }, words) : words);

/**
 * The two matrices side by side, their sides logarithmic, with the sizes in the middle that must be equal.
 * @param {number[]} clashing  the four numbers
 */
function matrices([rows, columns, inputs, neurons]) {
  const unequal = el("p", { class: "gw-note" }, el("b", {}, `${columns} ≠ ${inputs}`));
  return el(
    "div",
    { class: "gw-matrices", "aria-hidden": "true" },
    matrix("mat1", rows, columns, "gw-inner-wide"),
    el("span", {}, "×"),
    matrix("mat2", inputs, neurons, "gw-inner-high"),
    unequal,
  );
}

function matrix(name, high, wide, inner) {
  const side = (n) => `${(1.2 + 0.775 * Math.log2(n + 1)).toFixed(2)}rem`;
  return el(
    "div",
    { class: `gw-matrix ${inner}` },
    el("span", { class: "gw-wide-size" }, `${wide}`),
    el("span", { class: "gw-high-size" }, `${high}`),
    el("i", { style: `width: ${side(wide)}; height: ${side(high)}` }, el("code", {}, name)),
  );
}
