// The 784 terms of one digit's reconstruction as a heat map, with the digit's outline; a pixel is chosen by pointer or keys.

import { contextOf, el, withAlpha } from "../../shared/base.js";
import { PIXELS, SIDE } from "../../latent/nets.js";

const CELL = 16; // canvas pixels of a pixel of the digit
const KEYS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/**
 * Where ink of at least one half borders on less: [x0, y0, x1, y1] in pixels of the digit.
 * @param {ArrayLike<number>} pixels  0 to 1
 * @returns {number[][]}
 */
export function outlineOf(pixels) {
  const ink = (x, y) => x >= 0 && y >= 0 && x < SIDE && y < SIDE && pixels[y * SIDE + x] >= 0.5,
    edges = [];
  for (let y = 0; y <= SIDE; y++)
    for (let x = 0; x <= SIDE; x++) {
      if (ink(x, y) !== ink(x - 1, y)) edges.push([x, y, x, y + 1]);
      if (ink(x, y) !== ink(x, y - 1)) edges.push([x, y, x + 1, y]);
    }
  return edges;
}

export class Heat {
  /** @type {ArrayLike<number>} */
  pixels;
  /** @type {Float64Array} */
  terms;
  /** @type {number} */
  most;
  /** @type {{ hue: string, ink: string }} */
  colours;

  /** @param {(index: number) => void} chosen  called with the pixel under the pointer or the keys */
  constructor(chosen) {
    this.chosen = chosen;
    this.at = 0;
    this.canvas = el("canvas", { width: SIDE * CELL, height: SIDE * CELL, "aria-hidden": "true" });
    this.root = el(
      "div",
      {
        class: "gw-heat",
        tabindex: "0",
        role: "group",
        "aria-label": "Cross-entropy of each pixel. The arrow keys move over the pixels.",
      },
      this.canvas,
    );
    this.root.addEventListener("pointermove", (event) => this.#point(event));
    this.root.addEventListener("pointerdown", (event) => this.#point(event));
    this.root.addEventListener("keydown", (event) => this.#key(event));
  }

  /**
   * @param {ArrayLike<number>} pixels  0 to 1
   * @param {Float64Array} terms  nats
   * @param {number} most  nats of the full colour
   * @param {{ hue: string, ink: string }} colours  #rrggbb
   */
  show(pixels, terms, most, colours) {
    Object.assign(this, { pixels, terms, most, colours });
    this.#draw();
  }

  /** @param {number} index */
  choose(index) {
    this.at = index;
    this.#draw();
    this.chosen(index);
  }

  #point({ clientX, clientY }) {
    const { left, top, width, height } = this.canvas.getBoundingClientRect();
    const [x, y] = [(clientX - left) / width, (clientY - top) / height].map((part) => Math.floor(part * SIDE));
    if (x >= 0 && y >= 0 && x < SIDE && y < SIDE && y * SIDE + x !== this.at) this.choose(y * SIDE + x);
  }

  #key(event) {
    const step = KEYS[event.key];
    if (!step) return;
    event.preventDefault();
    const [x, y] = [this.at % SIDE, Math.floor(this.at / SIDE)].map((each, i) =>
      Math.max(0, Math.min(SIDE - 1, each + step[i])),
    );
    this.choose(y * SIDE + x);
  }

  #draw() {
    const context = contextOf(this.canvas);
    context.clearRect(0, 0, this.canvas.width, this.canvas.height);
    for (let i = 0; i < PIXELS; i++) {
      context.fillStyle = withAlpha(this.colours.hue, Math.min(1, this.terms[i] / this.most));
      context.fillRect((i % SIDE) * CELL, Math.floor(i / SIDE) * CELL, CELL, CELL);
    }
    this.#lines(outlineOf(this.pixels), 1.5);
    const [x, y] = [this.at % SIDE, Math.floor(this.at / SIDE)];
    this.#lines([[x, y, x + 1, y], [x + 1, y, x + 1, y + 1], [x + 1, y + 1, x, y + 1], [x, y + 1, x, y]], 4); // prettier-ignore
  }

  #lines(edges, width) {
    const context = contextOf(this.canvas);
    context.strokeStyle = this.colours.ink;
    context.lineWidth = width;
    context.lineCap = "square";
    context.beginPath();
    for (const [x0, y0, x1, y1] of edges) {
      context.moveTo(x0 * CELL, y0 * CELL);
      context.lineTo(x1 * CELL, y1 * CELL);
    }
    context.stroke();
  }
}
