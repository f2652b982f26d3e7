// Small parts of the Explore page: digits on a canvas, buttons, check boxes, fields.

import { el } from "../shared/base.js";
export { Choice } from "../shared/choice.js";
import { rgb } from "./layers.js";
import { PIXELS, SIDE } from "../latent/nets.js";

// One digit, 28 x 28, scaled by the style sheet without blur.
export class Face {
  constructor(label, className = "gx-face") {
    this.canvas = el("canvas", { class: className, width: SIDE, height: SIDE, role: "img", "aria-label": label });
    this.context = this.canvas.getContext("2d");
    this.image = new ImageData(SIDE, SIDE);
  }
  ink(colour) {
    const [r, g, b] = rgb(colour),
      { data } = this.image;
    for (let i = 0; i < data.length; i += 4) {
      data[i] = r;
      data[i + 1] = g;
      data[i + 2] = b;
    }
  }
  // pixels: 0 to 1
  show(pixels) {
    const { data } = this.image;
    for (let i = 0; i < PIXELS; i++) data[4 * i + 3] = 255 * pixels[i] + 0.5;
    this.context.putImageData(this.image, 0, 0);
  }
  clear() {
    this.context.clearRect(0, 0, SIDE, SIDE);
  }
}

/**
 * @param {string} words
 * @param {string} title
 * @param {(event: Event) => void} onclick
 * @param {string} [className]
 */
export const button = (words, title, onclick, className = "gx-button") =>
  el("button", { class: className, title, type: "button", onclick }, words);

/**
 * A check box.
 * @param {string} words
 * @param {string} title
 * @param {(on: boolean) => void} changed
 */
export function check(words, title, changed) {
  const box = el("input", { type: "checkbox" });
  box.addEventListener("change", () => changed(box.checked));
  const root = el("label", { class: "gx-check", title }, box, words);
  return {
    root,
    show: (on) => {
      box.checked = on;
    },
  };
}

/**
 * A field for a whole number from 0 to `max`.
 * @param {string} label
 * @param {string} title
 * @param {(value: number) => void} changed
 * @param {number} [max]
 */
export function numberField(label, title, changed, max = 2 ** 32 - 1) {
  const input = el("input", {
    type: "number",
    min: "0",
    max: String(max),
    step: "1",
    class: "gx-number",
    "aria-label": label,
    title,
  });
  input.addEventListener("change", () => {
    const value = Math.round(Number(input.value));
    if (input.value !== "" && value >= 0 && value <= max) changed(value);
  });
  return {
    root: el("label", { class: "gx-field" }, label, input),
    input,
    show: (value) => {
      if (document.activeElement !== input || Number(input.value) !== value) input.value = String(value);
    },
  };
}

/**
 * A list to choose from.
 * @param {string} label
 * @param {string} title
 * @param {(value: string) => void} changed
 */
export function select(label, title, changed) {
  const root = el("select", { class: "gx-select", "aria-label": label, title });
  root.addEventListener("change", () => changed(root.value));
  return {
    root,
    options: (rows, value) =>
      root.replaceChildren(...rows.map(([id, words]) => el("option", { value: id, selected: id === value }, words))),
  };
}
