// A pad to draw a picture with mouse or finger, and the centring of MNIST. `centre` needs no DOM.

import { contextOf, el } from "../shared/base.js";
import { typeSize } from "../shared/presenter.js";
import { worded } from "../shared/classes.js";
import { PIXELS, SIDE } from "../latent/nets.js";

const RAW = 140; // pixels per side of the drawing
const BRUSH = 11;

export class DigitPad {
  // drawn(levels): called with 784 levels of 0 to 15 during and at the end of a stroke
  constructor(drawn) {
    this.drawn = drawn;
    this.raw = new OffscreenCanvas(RAW, RAW);
    this.ink = contextOf(this.raw, { willReadFrequently: true });
    this.canvas = worded(
      el("canvas", { class: "gx-pad", width: 2 * RAW, height: 2 * RAW, tabindex: "0", role: "img" }),
      {
        "aria-label": "Draw a {picture} here with mouse or finger",
        title: "Draw a {picture} here; Delete clears",
      },
    );
    this.picture = "digit"; // the noun for what is drawn
    this.canvas.addEventListener("pointerdown", (event) => this.#press(event));
    this.canvas.addEventListener("pointermove", (event) => this.last && this.#drag(event));
    for (const kind of ["pointerup", "pointercancel"]) this.canvas.addEventListener(kind, () => this.#release());
    this.canvas.addEventListener("keydown", (event) => ["Delete", "Backspace"].includes(event.key) && this.clear());
    this.strokes = 0;
  }

  reword({ picture }) {
    this.picture = picture;
    this.#show();
  }

  retheme(theme) {
    this.theme = theme;
    this.#show();
  }

  clear() {
    this.ink.clearRect(0, 0, RAW, RAW);
    this.strokes = 0;
    this.#show();
    this.drawn(null);
  }

  // Clears the drawing without a callback, when another digit was chosen.
  wipe() {
    this.ink.clearRect(0, 0, RAW, RAW);
    this.strokes = 0;
    this.#show();
  }

  #at(event) {
    const box = this.canvas.getBoundingClientRect();
    return [((event.clientX - box.left) / box.width) * RAW, ((event.clientY - box.top) / box.height) * RAW];
  }

  #press(event) {
    this.canvas.setPointerCapture(event.pointerId);
    this.last = this.#at(event);
    this.strokes++;
    this.#drag(event);
    event.preventDefault();
  }

  #drag(event) {
    const to = this.#at(event);
    Object.assign(this.ink, { lineWidth: BRUSH, lineCap: "round", lineJoin: "round", strokeStyle: "#fff" });
    this.ink.beginPath();
    this.ink.moveTo(...(this.last ?? to));
    this.ink.lineTo(to[0] + 0.01, to[1]);
    this.ink.stroke();
    this.last = to;
    this.#show();
    this.drawn(this.levels());
  }

  #release() {
    if (!this.last) return;
    this.last = null;
    this.drawn(this.levels());
  }

  levels() {
    const { data } = this.ink.getImageData(0, 0, RAW, RAW),
      bytes = new Uint8Array(RAW * RAW);
    for (let i = 0; i < bytes.length; i++) bytes[i] = data[4 * i + 3];
    return centre(bytes, RAW, RAW).map((value) => Math.round(value / 17));
  }

  #show() {
    const context = this.canvas.getContext("2d");
    context.clearRect(0, 0, 2 * RAW, 2 * RAW);
    context.drawImage(this.raw, 0, 0, 2 * RAW, 2 * RAW);
    context.globalCompositeOperation = "source-in";
    context.fillStyle = this.theme?.text ?? "#222";
    context.fillRect(0, 0, 2 * RAW, 2 * RAW);
    context.globalCompositeOperation = "source-over";
    if (!this.strokes) {
      context.font = `${2 * typeSize(13)}px ${this.theme?.font ?? "sans-serif"}`;
      context.textAlign = "center";
      context.globalAlpha = 0.6;
      context.fillText(`draw a ${this.picture}`, RAW, RAW + 8);
      context.globalAlpha = 1;
    }
  }
}

/**
 * Light ink on dark, bytes [height x width] -> 784 bytes: the ink scaled into 20 x 20, its centre of mass in the
 * middle (LeCun et al. 1998), like gencmp.data.own_pictures.centre, but scaled by area averaging instead of Lanczos' kernel.
 * @param {Uint8Array} bytes
 * @param {number} width
 * @param {number} height
 */
export function centre(bytes, width, height) {
  let [top, bottom, left, right] = [height, -1, width, -1];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if (bytes[y * width + x] <= 40) continue;
      top = Math.min(top, y);
      bottom = Math.max(bottom, y);
      left = Math.min(left, x);
      right = Math.max(right, x);
    }
  }
  const out = new Uint8Array(PIXELS);
  if (bottom < 0) return out;
  const [w, h] = [right - left + 1, bottom - top + 1],
    scale = 20 / Math.max(w, h);
  const small = [Math.max(1, Math.round(w * scale)), Math.max(1, Math.round(h * scale))];
  const ink = shrink((x, y) => bytes[(top + y) * width + left + x], w, h, ...small);
  const [x, y] = mass(ink, ...small);
  const fit = (middle, size) => Math.max(0, Math.min(SIDE - size, Math.round(SIDE / 2 - middle)));
  const [toX, toY] = [fit(x, small[0]), fit(y, small[1])];
  for (let row = 0; row < small[1]; row++) {
    for (let column = 0; column < small[0]; column++)
      out[(toY + row) * SIDE + toX + column] = Math.round(ink[row * small[0] + column]);
  }
  return out;
}

// Scales down by averaging the area that each target pixel covers.
function shrink(pixel, width, height, toWidth, toHeight) {
  const across = shares(width, toWidth),
    down = shares(height, toHeight),
    out = new Float64Array(toWidth * toHeight);
  down.forEach((rows, y) =>
    across.forEach((columns, x) => {
      let sum = 0;
      for (const [row, much] of rows) for (const [column, part] of columns) sum += much * part * pixel(column, row);
      out[y * toWidth + x] = sum;
    }),
  );
  return out;
}

function shares(from, to) {
  const step = from / to;
  return Array.from({ length: to }, (_, i) => {
    const [start, stop] = [i * step, (i + 1) * step],
      found = [];
    for (let k = Math.floor(start); k < Math.min(from, Math.ceil(stop - 1e-9)); k++)
      found.push([k, (Math.min(stop, k + 1) - Math.max(start, k)) / step]);
    return found;
  });
}

function mass(ink, width, height) {
  let [total, x, y] = [0, 0, 0];
  for (let i = 0; i < width * height; i++) {
    total += ink[i];
    x += ink[i] * (i % width);
    y += ink[i] * Math.floor(i / width);
  }
  return total ? [x / total, y / total] : [(width - 1) / 2, (height - 1) / 2];
}
