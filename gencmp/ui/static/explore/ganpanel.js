// The GAN panel: a slice of its noise to drag in, a wall of seeds, sliders and a morph; each with D's output.

import { el, tone } from "../shared/base.js";
import { worded } from "../shared/classes.js";
import { drawField, drawPins, field } from "./layers.js";
import { Plane, Spacing, drawNoise, morph, randomDirections } from "../latent/latent.js";
import { Helper } from "../shared/library.js";
import { say } from "../shared/terms.js";
import { PIXELS, judge, paint } from "../latent/nets.js";
import { Choice, Face, button, check, numberField, select } from "./pieces.js";
import { Square } from "./square.js";
import { Steer } from "./steer.js";
import { signed } from "./vaepanel.js";
import { Wall } from "./wall.js";
import { ganWords } from "./words.js";

const REACH = 5; // steps shown in each direction, each one unit vector long
const WORDS_EVERY = 90; // ms

export class GanPanel {
  /** @type {import("../latent/latent.js").Plane} the slice that is shown */
  plane;
  /** @type {Choice} */
  tabs;
  /** @type {ReturnType<typeof numberField>} */
  seed;
  /** @type {ReturnType<typeof check>} */
  lock;
  /** @type {ReturnType<typeof check>} */
  drop;
  /** @type {any} the Reseed button */
  reseed;
  /** @type {any[]} the paragraphs below */
  words;
  /** @type {Float64Array[]} ten directions to steer along, unit vectors */
  directions;
  /** @type {Float64Array} the noise under the finger */
  z;

  constructor(app) {
    this.app = app;
    this.helper = new Helper(app.library);
    this.square = new Square(
      "A slice of the GAN's noise: arrow keys move the point",
      ["steps along direction 1", "direction 2"],
      {
        now: () => app.state.g,
        pins: () => app.state.gpins,
        moved: (a, b, moment) => app.drag("g", a, b, moment),
        released: () => app.settle(),
        pinned: (a, b) => app.change({ gpins: [...app.state.gpins, [a, b]] }),
        unpinned: (i) => app.change({ gpins: app.state.gpins.filter((_, k) => k !== i) }),
      },
    );
    this.square.spacing = new Spacing("even", REACH);
    this.square.layers = (context, place) => this.#layers(context, place);
    this.face = new Face("");
    worded(this.face.canvas, { "aria-label": "The {picture} generated from this noise" });
    this.pixels = new Float64Array(PIXELS);
    this.centre = new Float64Array(PIXELS);
    this.wall = new Wall(this);
    this.steer = new Steer(this);
    this.#build();
  }

  #build() {
    const { app } = this;
    this.picker = select("GAN", "Choose a shipped GAN or one of your runs", (id) => app.choose("gan", id));
    this.tabs = new Choice(
      "Ways to steer the noise",
      [
        ["slice", "Slice", "A plane through the noise around the anchor: drag to explore it"],
        ["wall", "Wall", ""],
        ["steer", "Steer", "Ten amplitude sliders, and a morph between two seeds"],
      ],
      (tab) => app.change({ tab }),
    );
    worded(this.tabs.buttons[1], { title: "64 {pictures} by seed; choose one as the anchor" });
    this.seed = numberField("seed", "", (seed) => app.anchor(seed));
    worded(this.seed.input, {
      title: "The seed of the noise: the same number gives the same {picture} on every machine",
    });
    this.reseed = button("Reseed", "New noise (key R)", () => app.reseed());
    this.lock = check("lock", "Keep this noise: reseeding and the wall do not change it", (lock) =>
      app.change({ lock }),
    );
    this.drop = check(
      "dropout",
      "Keep dropout on, as in training. The paper switches it off to generate pictures; this shows why",
      (drop) => app.change({ drop, mask: app.state.mask + 1 }),
    );
    this.readout = el("output", { class: "gx-readout" });
    this.words = [1, 2, 3].map(() => el("p"));
    this.notice = el("p", { class: "gx-notice", hidden: true });
    this.tag = el("span", { class: "gx-tag" });
    this.meter = el("i");
    this.body = el("div", { class: "gx-body" }, this.square.root, this.wall.root, this.steer.root);
    this.root = el(
      "section",
      { class: "gx-panel gc-gan", "aria-label": "GAN noise" },
      el("header", {}, el("strong", {}, "GAN"), this.picker.root, this.tabs.root, this.tag),
      this.notice,
      this.body,
      el(
        "div",
        { class: "gx-result" },
        el(
          "div",
          { class: "gx-judged" },
          this.face.canvas,
          worded(el("span", { class: "gx-meter" }, this.meter), {
            title: "D's output for this {picture}, from 0 (generated) to 1 (real)",
          }),
        ),
        el(
          "div",
          { class: "gx-said" },
          this.readout,
          el("div", { class: "gx-row" }, this.seed.root, this.reseed, this.lock.root, this.drop.root),
          ...this.words,
        ),
      ),
    );
  }

  resize(side, theme) {
    this.theme = theme;
    this.square.resize(side, theme);
    this.body.style.width = `${side}px`;
    this.body.style.minHeight = `${side + 20}px`; // the sliders need more on a phone
    this.face.ink(theme.text);
    this.wall.resize(side, theme);
    this.steer.retheme(theme);
    if (this.model) this.refresh();
  }

  show(model) {
    this.model = model;
    this.tag.textContent = `epoch ${model.epoch}`;
    this.refresh();
  }

  get noise() {
    return this.model.config.noise;
  }
  draw(seed) {
    return drawNoise(seed, this.model.size, this.noise);
  }

  // Redraws what depends on the anchor, after a change of model, seed, morph, amplitude, direction, dropout or size.
  refresh() {
    const { state } = this.app;
    this.#controls(state);
    this.directions =
      state.dirs === "random" ? randomDirections(state.dseed, this.model.size, 10) : this.app.directions.gan;
    let anchor = this.draw(state.seed);
    if (state.t) anchor = morph(anchor, this.draw(state.to), state.t, this.noise);
    state.amps.forEach((amount, k) => {
      if (amount) anchor = anchor.map((x, i) => x + amount * this.directions[k][i]);
    });
    this.plane = new Plane(anchor, this.directions[0], this.directions[1]);
    this.centre.set(paint(this.model, anchor, this.pixels));
    if (state.tab === "slice") this.mosaic();
    if (state.tab === "wall") this.wall.refresh();
    if (state.tab === "steer") this.steer.refresh();
    this.point();
    this.redraw();
  }

  #controls(state) {
    this.tabs.show(state.tab);
    this.square.root.hidden = state.tab !== "slice";
    this.wall.root.hidden = state.tab !== "wall";
    this.steer.root.hidden = state.tab !== "steer";
    this.seed.show(state.seed);
    this.lock.show(state.lock);
    this.drop.show(state.drop);
    this.reseed.disabled = this.seed.input.disabled = state.lock;
  }

  masks(count) {
    return this.app.state.drop ? Array.from({ length: count }, (_, i) => this.app.state.mask * 1000 + i) : null;
  }
  has(layer) {
    return this.app.state.layers.includes(layer);
  }

  mosaic() {
    const wanted = this.has("slice"),
      opinions = this.has("opinion");
    if (!wanted && !opinions) return;
    const { columns, spacing } = this.square,
      across = spacing.ticks(columns),
      { key } = this.model,
      { anchor, u, v } = this.plane;
    const places = new Float64Array(2 * columns * columns).map((_, i) => {
      const tile = i >> 1;
      return i % 2 ? across[columns - 1 - Math.floor(tile / columns)] : across[tile % columns];
    });
    this.helper.ask(
      "mosaic",
      this.model,
      { what: "mosaic", plane: { anchor, u, v }, places, masks: this.masks(columns * columns), opinions },
      ({ tiles, opinions: found }) => {
        if (key !== this.model.key || columns !== this.square.columns) return;
        this.square.showTiles(tiles, columns);
        this.shade = found && field(found, columns, tone("gan", this.theme.dark), 0.8);
        this.redraw();
        this.app.shown("gan");
      },
    );
  }

  #layers(context, place) {
    const hue = tone("gan", place.theme.dark);
    if (this.has("opinion") && this.shade) drawField(context, place, this.shade, false);
    drawPins(context, place, this.app.state.gpins, this.app.state.loop, hue);
  }

  redraw() {
    if (!this.model || !this.square.side) return;
    this.square.dim = this.has("slice") ? 0.85 : 0;
    this.square.draw();
  }

  // The fast path while dragging: run G and D, draw one picture and the mark.
  point() {
    const [a, b] = this.app.state.g;
    this.z = this.plane.point(a, b, this.z?.length === this.model.size ? this.z : undefined);
    this.face.show(paint(this.model, this.z, this.pixels, this.app.state.drop ? this.app.state.mask : null));
    this.opinion = judge(this.model, this.pixels);
    this.square.move(a, b);
    this.meter.style.transform = `scaleX(${this.opinion})`;
    this.readout.textContent = `D ${this.opinion.toFixed(2)} · (${signed(a)}, ${signed(b)})`;
    this.timer ??= setTimeout(() => {
      this.timer = null;
      this.speak();
    }, WORDS_EVERY);
  }

  speak() {
    if (!this.model || this.app.gone) return;
    let [outside, changed] = [0, 0];
    for (const x of this.z) outside += Number(Math.abs(x) > 1);
    for (let i = 0; i < PIXELS; i++) changed += Number(this.pixels[i] > 0.5 !== this.centre[i] > 0.5);
    const lines = ganWords({
      opinion: this.opinion,
      outside,
      changed,
      size: this.model.size,
      moved: Math.hypot(...this.app.state.g),
      uniform: this.noise === "uniform",
      drop: this.app.state.drop,
    });
    lines.forEach((line, i) => say(this.words[i], line, this.app.words("gan")));
  }

  remove() {
    clearTimeout(this.timer);
    this.steer.remove();
    this.helper.remove();
  }
}
