// 64 pictures by seed with D's output under each; the selected one becomes the anchor.

import { contextOf, el } from "../shared/base.js";
import { worded } from "../shared/classes.js";
import { halo, inked } from "./layers.js";
import { SIDE } from "../latent/nets.js";
import { button, check, numberField } from "./pieces.js";

const ROW = 8,
  COUNT = 64;

export class Wall {
  /** @type {number} pixels across */
  side;
  /** @type {ImageData} the pictures, in order of their seeds */
  tiles;
  /** @type {number[]} the index of the picture at each position */
  places;
  /** @type {Float32Array} D's output for each picture */
  opinions;

  constructor(panel) {
    this.panel = panel;
    const { app } = panel;
    this.canvas = worded(el("canvas", { class: "gx-wall", tabindex: "0", role: "application" }), {
      "aria-label": "64 {pictures} by seed; arrow keys and Enter choose the anchor",
      title: "Select a {picture} as the anchor. The number under each is D's output: 1 means real",
    });
    this.canvas.addEventListener("click", (event) => this.#choose(this.#under(event)));
    this.canvas.addEventListener("pointermove", (event) => this.#hover(this.#under(event)));
    this.canvas.addEventListener("keydown", (event) => this.#key(event));
    this.first = numberField("from seed", "", (wall) => app.change({ wall }));
    worded(this.first.input, { title: "The seed of the wall's first {picture}" });
    this.order = check("order by D", "Highest output of D first", (order) => app.change({ order }));
    const more = button("64 more", "The next 64 seeds", () => app.change({ wall: app.state.wall + COUNT }));
    this.root = el(
      "div",
      { class: "gx-wallbox" },
      this.canvas,
      el("div", { class: "gx-strip" }, this.first.root, more, this.order.root),
    );
    this.cursor = 0;
  }

  resize(side, theme) {
    const sharp = devicePixelRatio || 1;
    this.theme = theme;
    this.side = side - 12; // the controls need more height than an axis
    this.canvas.style.width = this.canvas.style.height = `${this.side}px`;
    this.canvas.width = this.canvas.height = Math.round(this.side * sharp);
  }

  refresh() {
    const { panel } = this,
      { state } = panel.app,
      { size } = panel.model;
    this.first.show(state.wall);
    this.order.show(state.order);
    const points = new Float64Array(COUNT * size);
    for (let i = 0; i < COUNT; i++) points.set(panel.draw(state.wall + i), i * size);
    panel.helper.ask(
      "wall",
      panel.model,
      { what: "mosaic", points, masks: panel.masks(COUNT), opinions: true },
      ({ tiles, opinions }) => {
        this.tiles = inked(tiles, COUNT, COUNT, this.theme.text);
        this.opinions = opinions;
        this.from = state.wall;
        this.places = Array.from(opinions.keys());
        if (panel.app.state.order) this.places.sort((a, b) => opinions[b] - opinions[a]);
        this.draw();
        panel.app.shown("wall");
      },
    );
    if (this.opinions) this.draw();
  }

  draw() {
    if (!this.opinions || !this.canvas.width) return;
    const context = this.canvas.getContext("2d"),
      sharp = this.canvas.width / this.side,
      cell = this.canvas.width / ROW;
    const scale = Math.max(1, Math.floor((cell - 4 * sharp) / SIDE)),
      side = scale * SIDE,
      { seed } = this.panel.app.state;
    const sheet = new OffscreenCanvas(this.tiles.width, SIDE);
    contextOf(sheet).putImageData(this.tiles, 0, 0);
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, this.canvas.width, this.canvas.height);
    context.imageSmoothingEnabled = false;
    this.places.forEach((tile, i) => {
      const [x, y] = [Math.round((i % ROW) * cell + (cell - side) / 2), Math.round(Math.floor(i / ROW) * cell)];
      context.drawImage(sheet, tile * SIDE, 0, SIDE, SIDE, x, y, side, side);
      context.save();
      context.scale(sharp, sharp);
      const [left, top, wide] = [(i % ROW) * cell, Math.floor(i / ROW) * cell, cell].map((each) => each / sharp);
      halo(
        context,
        this.theme,
        this.opinions[tile].toFixed(2),
        left + wide / 2,
        top + wide - 3,
        "center",
        wide > 50 ? 11.5 : 10,
      );
      if (this.from + tile === seed || (i === this.cursor && document.activeElement === this.canvas))
        this.#frame(context, left, top, wide, this.from + tile === seed);
      context.restore();
    });
  }

  #frame(context, x, y, size, chosen) {
    Object.assign(context, {
      lineWidth: chosen ? 2 : 1,
      strokeStyle: chosen ? getComputedStyle(this.panel.root).getPropertyValue("--hue") : this.theme.text,
    });
    context.strokeRect(x + 1, y + 1, size - 2, size - 2);
  }

  #under(event) {
    const box = this.canvas.getBoundingClientRect();
    const [x, y] = [event.clientX - box.left, event.clientY - box.top].map((each) =>
      Math.max(0, Math.min(ROW - 1, Math.floor((each / this.side) * ROW))),
    );
    return y * ROW + x;
  }

  #hover(i) {
    if (this.opinions)
      this.canvas.title = `Seed ${this.from + this.places[i]}, D ${this.opinions[this.places[i]].toFixed(3)}. Click to make it the anchor.`;
  }

  #choose(i) {
    this.cursor = i;
    if (this.opinions) this.panel.app.anchor(this.from + this.places[i]);
  }

  #key(event) {
    const step = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: ROW, ArrowUp: -ROW }[event.key];
    if (step) this.cursor = Math.max(0, Math.min(COUNT - 1, this.cursor + step));
    else if (event.key === "Enter" || event.key === " ") this.#choose(this.cursor);
    else return;
    this.draw();
    event.preventDefault();
  }
}
