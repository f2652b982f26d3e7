// The test pictures in the VAE's latent plane, coloured by class; points move smoothly as the encoder learns.

import { calm, el, patiently, themeOf } from "../shared/base.js";
import { Classes, UNLABELLED, labelsIn } from "../shared/classes.js";

const GLIDE = 400; // ms
const REACHES = [4, 6, 9, 14, 20, 30, 40]; // half the width of the plane
const MOST_NAMES = 15; // classes named on the plane
const NEAR = 6; // canvas pixels: the class of a point is shown when the pointer is nearer than this

/**
 * Points of a latent plane and their labels; null where there are none.
 * @param {string} url
 */
export async function loadPoints(url) {
  const answer = await patiently(url);
  if (!answer.ok) return null;
  const buffer = await answer.arrayBuffer();
  const count = buffer.byteLength / 9; // two float32 and a label
  return { xy: new Float32Array(buffer, 0, 2 * count), labels: new Uint8Array(buffer, 8 * count, count) };
}

export class Scatter {
  /** @type {Uint8Array} of the points */
  labels;
  /** @type {Float32Array} current positions, x and y alternating */
  xy;
  /** @type {Float32Array} start positions of the animation */
  from;
  /** @type {Float32Array} end positions of the animation */
  target;
  frame = 0; // of the animation

  /** @param {(labels: number[]) => void} changed  called with the labels that occur, in order, when they change */
  constructor(label, changed = () => {}) {
    this.changed = changed;
    this.present = [];
    this.classes = new Classes();
    this.canvas = el("canvas", { class: "gc-scatter", role: "img", "aria-label": label });
    this.canvas.width = this.canvas.height = 560;
    this.reach = 4; // half the width of the plane, in standard deviations of the prior
    this.url = null;
    this.canvas.addEventListener("pointermove", (event) => {
      this.canvas.title = this.#under(event);
    });
  }

  async show(url, most = Infinity) {
    if (url === this.url) return;
    this.url = url;
    const points = await loadPoints(url);
    if (!points || url !== this.url) return;
    const count = Math.min(points.labels.length, most);
    this.labels = points.labels.subarray(0, count);
    this.target = points.xy.subarray(0, 2 * count);
    const known = this.xy?.length ?? 0;
    this.from = Float32Array.from(this.target, (v, i) => (i < known ? this.xy[i] : v));
    const present = labelsIn(this.labels);
    if (present.join() !== this.present.join()) this.changed((this.present = present));
    this.canvas.dataset.drawn = url;
    this.#glide();
  }

  // The name of the class under the pointer.
  #under(event) {
    if (!this.xy) return "";
    const box = this.canvas.getBoundingClientRect(),
      size = this.canvas.width,
      scale = size / 2 / this.reach;
    const [x, y] = [(event.clientX - box.left) * (size / box.width), (event.clientY - box.top) * (size / box.height)];
    let best = -1,
      least = NEAR ** 2;
    for (let i = 0; i < this.labels.length; i++) {
      const away = (size / 2 + this.xy[2 * i] * scale - x) ** 2 + (size / 2 - this.xy[2 * i + 1] * scale - y) ** 2;
      if (away <= least) [best, least] = [i, away];
    }
    return best < 0 ? "" : this.classes.name(this.labels[best]);
  }

  #glide() {
    cancelAnimationFrame(this.frame);
    const started = performance.now();
    const [before, after] = [this.reach, Math.max(this.reach, reachOf(this.target))]; // grows only: no jump to and fro
    const draw = (now) => {
      const done = calm() ? 1 : Math.min(1, (now - started) / GLIDE);
      const ease = done * done * (3 - 2 * done);
      this.reach = before + (after - before) * ease;
      this.xy = this.from.map((v, i) => v + (this.target[i] - v) * ease);
      this.draw();
      if (done < 1) this.frame = requestAnimationFrame(draw);
    };
    this.frame = requestAnimationFrame(draw);
  }

  draw() {
    if (!this.xy) return;
    const { border, dark } = themeOf(this.canvas);
    const context = this.canvas.getContext("2d");
    const size = this.canvas.width;
    const scale = size / 2 / this.reach;
    context.clearRect(0, 0, size, size);
    context.strokeStyle = border;
    context.lineWidth = 1.5;
    for (const sigma of [1, 2, 3]) {
      context.beginPath();
      context.arc(size / 2, size / 2, sigma * scale, 0, 2 * Math.PI);
      context.stroke();
    }
    const dot = this.labels.length > 3000 ? 3 : 5;
    const colours = new Map(this.present.map((label) => [label, this.classes.colour(label, dark)])),
      mixed = this.present.length > 1;
    for (let i = 0; i < this.labels.length; i++) {
      context.globalAlpha = mixed && this.labels[i] === UNLABELLED ? 0.3 : dark ? 0.85 : 0.75;
      context.fillStyle = colours.get(this.labels[i]);
      context.fillRect(
        size / 2 + this.xy[2 * i] * scale - dot / 2,
        size / 2 - this.xy[2 * i + 1] * scale - dot / 2,
        dot,
        dot,
      );
    }
    context.globalAlpha = 1;
    this.#axes(context);
    if (this.present.length <= MOST_NAMES) this.#names(context, colours);
  }

  // Numbers on both axes, in standard deviations of the prior.
  #axes(context) {
    const { text, background, font } = themeOf(this.canvas),
      size = this.canvas.width,
      scale = size / 2 / this.reach,
      every = this.reach > 12 ? 10 : this.reach > 6 ? 4 : 2;
    context.font = `28px ${font}`;
    context.fillStyle = text;
    context.strokeStyle = background;
    context.lineWidth = 5;
    for (let at = -Math.floor(this.reach / every) * every; at < this.reach; at += every) {
      const [place, words] = [size / 2 + at * scale, String(at).replace("-", "−")];
      if (place < 30 || place > size - 30) continue;
      context.textAlign = "center";
      context.textBaseline = "bottom";
      outlined(context, words, place, size - 4);
      context.textAlign = "left";
      context.textBaseline = "middle";
      outlined(context, words, 6, size - place);
    }
  }

  // The name of each class at the mean of its points, so that colours need not be told apart.
  #names(context, colours) {
    const { text, background, font } = themeOf(this.canvas),
      size = this.canvas.width,
      scale = size / 2 / this.reach;
    context.font = `600 36px ${font}`;
    context.textAlign = "center";
    context.textBaseline = "middle";
    context.strokeStyle = background;
    context.lineWidth = 7;
    for (const [label, [x, y]] of meansOf(this.xy, this.labels)) {
      if (label === UNLABELLED || !colours.has(label)) continue;
      context.fillStyle = text;
      outlined(context, this.classes.name(label).slice(0, 12), size / 2 + x * scale, size / 2 - y * scale);
    }
  }
}

function outlined(context, words, x, y) {
  context.lineJoin = "round";
  context.strokeText(words, x, y);
  context.fillText(words, x, y);
}

/**
 * The mean point of each class.
 * @param {Float32Array} xy
 * @param {Uint8Array} labels
 * @returns {Map<number, number[]>}
 */
export function meansOf(xy, labels) {
  const sums = new Map();
  labels.forEach((label, i) => {
    const [x, y, n] = sums.get(label) ?? [0, 0, 0];
    sums.set(label, [x + xy[2 * i], y + xy[2 * i + 1], n + 1]);
  });
  return new Map([...sums].map(([label, [x, y, n]]) => [label, [x / n, y / n]]));
}

// Covers 99 % of the coordinates, on one of few scales, so that the axes seldom move.
export function reachOf(xy) {
  const sizes = Float32Array.from(xy, Math.abs).sort();
  const most = 1.05 * (sizes[Math.floor(sizes.length * 0.99)] ?? 3);
  return REACHES.find((reach) => reach >= most) ?? Math.ceil(most / 40) * 40;
}
