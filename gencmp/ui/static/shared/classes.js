// The classes of a data set: their names and colours, and nouns for its pictures. data/classes.py has the same nouns.

import { DIGIT_COLOURS, el, tone } from "./base.js";

export const TEN_DIGITS = [..."0123456789"];
const MAX_NAMES = 15; // in a sentence
export const UNLABELLED = 255; // the label of pictures without a label
const DIGITS = {
  picture: "digit",
  pictures: "digits",
  class: "digit",
  classes: "digits",
  judge: "a digit classifier",
  ink: "MNIST pixels are mostly black or white; an average of several digits is grey.",
};
const PICTURES = {
  picture: "picture",
  pictures: "pictures",
  class: "class",
  classes: "classes",
  judge: "a classifier of these pictures",
  ink: "An average of several pictures is greyer than any of them.",
};

export class Classes {
  /** @param {string[]} [names]  empty where no picture has a label */
  constructor(names = TEN_DIGITS) {
    this.names = names;
    this.areDigits = names.length > 0 && names.every((name) => TEN_DIGITS.includes(name));
    this.nouns = this.areDigits ? DIGITS : PICTURES;
  }

  name(label) {
    return label === UNLABELLED ? "unlabelled" : (this.names[label] ?? String(label));
  }

  // One picture of a class, several, and the class itself: "an 8", "the 8s", "8". Other class names are quoted: “Coat”.
  one(label) {
    return this.areDigits ? `${this.name(label) === "8" ? "an" : "a"} ${this.name(label)}` : `“${this.name(label)}”`;
  }
  some(label) {
    return this.areDigits ? `the ${this.name(label)}s` : `“${this.name(label)}”`;
  }
  each(label) {
    return this.areDigits ? this.name(label) : `“${this.name(label)}”`;
  }

  // A list of class names, shortened to "… and N more" if long.
  list(labels) {
    const cut = labels.length > MAX_NAMES + 1 ? labels.slice(0, MAX_NAMES) : labels,
      more = labels.length - cut.length;
    return cut.map((label) => this.name(label)).join(", ") + (more ? ` and ${more} more` : "");
  }

  // A digit has the same colour in every data set.
  colour(label, dark) {
    if (label === UNLABELLED) return tone("real", dark);
    return classColour(this.areDigits ? Number(this.name(label)) : label, dark);
  }

  get areTen() {
    return this.areDigits && this.names.length === 10;
  }
}

// Sentences with placeholders for nouns: "{pictures} by seed". An element keeps its sentences, to refill them for other data.

/**
 * @param {string} sentence
 * @param {Record<string, any>} words
 */
export const filled = (sentence, words) => sentence.replace(/\{(\w+)\}/g, (_, name) => words[name] ?? "");

/**
 * parts: { attribute name or "text": sentence }
 * @param {any} node
 * @param {Record<string, string>} parts
 * @param {Record<string, any>} [words]
 * @returns {any} the node
 */
export function worded(node, parts, words = DIGITS) {
  node.dataset.worded = JSON.stringify(parts);
  for (const [name, sentence] of Object.entries(parts)) {
    if (name === "text") node.textContent = filled(sentence, words);
    else node.setAttribute(name, filled(sentence, words));
  }
  return node;
}

/**
 * Says all sentences in an element anew.
 * @param {ParentNode} root
 * @param {Record<string, any>} words
 */
export function reword(root, words) {
  for (const node of root.querySelectorAll("[data-worded]")) {
    worded(node, JSON.parse(node.getAttribute("data-worded") ?? "{}"), words);
  }
}

// Ten colour-blind-safe hues. More than ten classes reuse them mixed with black (below 0) or white, starting with the
// shade that has more contrast to a light background; for a dark background the order is reversed.
const SHADES = [0, -0.42, 0.45, -0.22, 0.24, -0.6, 0.64, -0.11, 0.12, -0.51];

/**
 * @param {number} label
 * @param {boolean} [dark]
 * @returns {string}
 */
export function classColour(label, dark = false) {
  const hue = DIGIT_COLOURS[label % 10],
    shade = SHADES[Math.floor(label / 10) % 10] * (dark ? -1 : 1),
    ground = shade < 0 ? 0 : 255;
  const parts = [1, 3, 5].map((i) => parseInt(hue.slice(i, i + 2), 16));
  return shade
    ? `#${parts
        .map((x) =>
          Math.round(x + (ground - x) * Math.abs(shade))
            .toString(16)
            .padStart(2, "0"),
        )
        .join("")}`
    : hue;
}

/**
 * The distinct labels in order; UNLABELLED comes last.
 * @param {Iterable<number>} labels
 */
export const labelsIn = (labels) => [...new Set(labels)].sort((a, b) => a - b);

/**
 * A colour swatch and a name for each label.
 * @param {Classes} classes
 * @param {number[]} labels
 * @param {boolean} dark
 */
export function legend(classes, labels, dark) {
  return labels.map((label) => {
    const name = classes.name(label),
      title = label === UNLABELLED ? "Pictures without a label" : name;
    return el("span", { style: `--hue: ${classes.colour(label, dark)}`, title }, name);
  });
}
