// One square of latent space: pointer, touch and keyboard input; mosaic, layers and the mark.
// It does not know the models: it reports the position of the point and draws what it is given.

import { el } from "../shared/base.js";
import { GUTTER, at, drawAxis, drawField, inked } from "./layers.js";
import { SIDE } from "../latent/nets.js";

const STEP = 0.05,
  LONG_STEP = 0.25; // of a coordinate, for an arrow key and with Shift
const STILL = 5; // pixels: a press that moves less is a click
const REACH = 13; // pixels from a pin at which a click takes it away
const round = (x) => Math.round(x * 1e4) / 1e4; // the precision of the address

export class Square {
  /** @type {number} pixels across */
  side = 0;
  /** @type {number} tiles across */
  columns = 0;
  /** @type {import("../latent/latent.js").Spacing} how coordinates lie on the square */
  spacing;
  /** @type {(context: CanvasRenderingContext2D, place: object) => void} draws over the mosaic */
  layers = () => {};
  /** @type {number[] | null} where the pointer went down, in pixels */
  pressed = null;

  // callbacks: {now(), pins(), moved(a, b, moment), released(), pinned(a, b), unpinned(i)}; label: for screen readers
  constructor(label, names, callbacks) {
    this.names = names;
    this.callbacks = callbacks;
    this.point = [0, 0];
    this.dim = 1;
    this.tiles = el("canvas", { class: "gx-tiles" });
    this.vectors = el("canvas", { class: "gx-vectors" });
    this.mark = el("i", { class: "gx-mark" });
    this.root = el(
      "div",
      {
        class: "gx-square",
        tabindex: "0",
        role: "application",
        "aria-label": label,
        title:
          "Drag to move; click to pin a point, click a pin to remove it; arrow keys move (Shift: further); Enter pins",
      },
      this.tiles,
      this.vectors,
      this.mark,
    );
    this.#listen();
  }

  // side: in pixels, a multiple of 28, so that a digit's pixel is a whole number of screen pixels
  resize(side, theme) {
    this.side = side;
    this.theme = theme;
    this.columns = side / SIDE;
    const sharp = devicePixelRatio || 1;
    this.root.style.width = `${side}px`;
    this.root.style.height = `${side}px`;
    Object.assign(this.vectors.style, {
      left: `${-GUTTER}px`,
      width: `${side + GUTTER}px`,
      height: `${side + GUTTER}px`,
    });
    this.vectors.width = this.vectors.height = (side + GUTTER) * sharp;
  }

  get place() {
    return { side: this.side, spacing: this.spacing, theme: this.theme };
  }

  // tiles: pixels of a mosaic, bytes, row by row from the top.
  showTiles(tiles, columns) {
    this.mosaic = { tiles, columns };
    [this.tiles.width, this.tiles.height] = [columns * SIDE, columns * SIDE];
    this.tiles.getContext("2d").putImageData(inked(tiles, columns * columns, columns, this.theme.text), 0, 0);
  }

  draw() {
    const context = this.vectors.getContext("2d"),
      sharp = this.vectors.width / (this.side + GUTTER);
    context.setTransform(sharp, 0, 0, sharp, GUTTER * sharp, 0);
    context.clearRect(-GUTTER, 0, this.side + GUTTER, this.side + GUTTER);
    this.tiles.style.opacity = this.dim;
    this.paint(context, this.place);
    this.move(...this.point);
  }

  // Draws everything except the mosaic's tiles, on any canvas.
  paint(context, place) {
    context.save();
    context.beginPath();
    context.rect(0, 0, place.side, place.side);
    context.clip();
    this.layers(context, place);
    context.restore();
    drawAxis(context, place, this.names);
  }

  // Draws the whole square on a larger canvas, for a saved picture.
  export(context) {
    if (this.mosaic && this.dim) {
      context.globalAlpha = this.dim;
      drawField(context, this, this.tiles, false);
      context.globalAlpha = 1;
    }
    this.paint(context, this.place);
    const [x, y] = at(this.place, this.point[0], this.point[1]);
    context.beginPath();
    context.arc(x, y, 11, 0, 2 * Math.PI);
    Object.assign(context, { lineWidth: 3, strokeStyle: getComputedStyle(this.mark).borderTopColor });
    context.stroke();
    context.strokeStyle = this.theme.border;
    context.lineWidth = 1;
    context.strokeRect(0, 0, this.side, this.side);
  }

  move(a, b) {
    this.point = [a, b];
    const [x, y] = at(this.place, a, b);
    this.mark.style.transform = `translate(${x}px, ${y}px)`;
  }

  // Pointer and keys

  #listen() {
    const { root } = this;
    root.addEventListener("pointerdown", (event) => this.#press(event));
    root.addEventListener("pointermove", (event) => this.pressed && this.#drag(event));
    root.addEventListener("pointerup", (event) => this.#release(event));
    root.addEventListener("pointercancel", () => {
      this.pressed = null;
      this.callbacks.released();
    });
    root.addEventListener("keydown", (event) => this.#key(event));
    root.addEventListener("keyup", (event) => event.key.startsWith("Arrow") && this.callbacks.released());
  }

  // Pixels from the square's upper left corner.
  under(event) {
    const box = this.root.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  }

  #press(event) {
    if (event.button) return;
    this.root.setPointerCapture(event.pointerId);
    this.root.focus({ preventScroll: true });
    this.pressed = this.under(event);
    this.still = true;
    this.#drag(event);
    event.preventDefault();
  }

  #drag(event) {
    const [x, y] = this.under(event);
    if (this.pressed && Math.hypot(x - this.pressed[0], y - this.pressed[1]) > STILL) this.still = false;
    this.callbacks.moved(...this.#coordinates(x, y), event.timeStamp);
  }

  #coordinates(x, y) {
    const inside = (t) => Math.max(0, Math.min(1, t / this.side));
    return [round(this.spacing.at(inside(x))), round(this.spacing.at(1 - inside(y)))];
  }

  #release(event) {
    if (!this.pressed) return;
    const [x, y] = this.under(event);
    this.pressed = null;
    if (this.still) this.#pin(x, y, event.pointerType === "touch" ? 2 * REACH : REACH);
    this.callbacks.released();
  }

  // Takes away the nearest pin within reach, or sets a new one.
  #pin(x, y, reach) {
    const away = this.callbacks.pins().map(([a, b]) => {
      const [pinX, pinY] = at(this.place, a, b);
      return Math.hypot(pinX - x, pinY - y);
    });
    const near = Math.min(...away);
    if (near < reach) this.callbacks.unpinned(away.indexOf(near));
    else this.callbacks.pinned(...this.#coordinates(x, y));
  }

  #key(event) {
    const step = event.shiftKey ? LONG_STEP : STEP;
    const [right, up] = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[event.key] ?? [
      0, 0,
    ];
    const [a, b] = this.callbacks.now(); // not the position of the mark, which is updated only in the next frame
    if (right || up)
      this.callbacks.moved(
        round(this.spacing.clamp(a + right * step)),
        round(this.spacing.clamp(b + up * step)),
        event.timeStamp,
      );
    else if (event.key === "Home") this.callbacks.moved(0, 0, event.timeStamp);
    else if (event.key === "Enter" || event.key === " ") this.#pin(...at(this.place, a, b), 2);
    else return;
    if (event.key === "Home" || event.key === "Enter" || event.key === " ") this.callbacks.released();
    event.preventDefault();
  }
}
