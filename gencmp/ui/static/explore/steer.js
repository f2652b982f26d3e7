// Ten amplitude sliders along directions of the noise, and a morph between two seeds.

import { el } from "../shared/base.js";
import { AMPLITUDES } from "./address.js";
import { inked } from "./layers.js";
import { morph } from "../latent/latent.js";
import { PIXELS, SIDE } from "../latent/nets.js";
import { Face, button, numberField } from "./pieces.js";

const FRAMES = 9;
const REACH = 4; // of a slider, to each side
const SECONDS = 4; // duration of a whole morph

export class Steer {
  frame = 0; // that has been asked for; 0 for none

  constructor(panel) {
    this.panel = panel;
    const { app } = panel;
    this.sliders = Array.from({ length: AMPLITUDES }, (_, k) => this.#slider(k));
    this.to = numberField("to seed", "The other end of the morph", (to) => app.change({ to }));
    this.t = el("input", {
      type: "range",
      min: "0",
      max: "1",
      step: "0.005",
      class: "gx-range",
      "aria-label": "Morph",
      title: "From this seed (left) to the other one (right)",
    });
    this.t.addEventListener("input", () => {
      this.stop();
      app.change({ t: Number(this.t.value) }, false);
    });
    this.t.addEventListener("change", () => app.settle());
    this.play = button("▶ Morph", "Play back and forth", () => (this.frame ? this.stop() : this.#start()));
    this.strip = el("canvas", {
      class: "gx-morph",
      width: FRAMES * SIDE,
      height: SIDE,
      role: "img",
      "aria-label": "Nine steps of the morph",
    });
    this.opinions = el(
      "div",
      { class: "gx-saids", title: "D's output for each step" },
      ...Array.from({ length: FRAMES }, () => el("span")),
    );
    this.root = el(
      "div",
      { class: "gx-steer" },
      el("div", { class: "gx-amps" }, ...this.sliders.map((each) => each.root)),
      el(
        "div",
        { class: "gx-row" },
        button("All to 0", "Reset all amplitudes to 0", () => app.change({ amps: new Array(AMPLITUDES).fill(0) })),
      ),
      el("div", { class: "gx-row gx-morphing" }, this.play, this.to.root, this.t),
      el("div", {}, this.strip, this.opinions),
    );
  }

  #slider(k) {
    const { app } = this.panel;
    const input = el("input", {
      type: "range",
      min: String(-REACH),
      max: String(REACH),
      step: "0.05",
      class: "gx-range",
      "aria-label": `Amplitude of direction ${k + 1}`,
      title: `How far to go along direction ${k + 1}; double click: back to 0`,
    });
    const [first, last] = [-REACH, REACH].map((x) => new Face(`Direction ${k + 1} at ${x}`, "gx-end"));
    const name = el("span", { class: "gx-does" }, String(k + 1));
    const value = el("output");
    const set = (x, settled) => app.change({ amps: app.state.amps.with(k, x) }, settled);
    input.addEventListener("input", () => set(Number(input.value), false));
    input.addEventListener("change", () => app.settle());
    input.addEventListener("dblclick", () => set(0, true));
    const root = el("label", {}, name, first.canvas, input, last.canvas, value);
    return { root, input, value, name, ends: [first, last] };
  }

  retheme(theme) {
    this.theme = theme;
    for (const { ends } of this.sliders) for (const face of ends) face.ink(theme.text);
  }

  refresh() {
    const { state } = this.panel.app;
    this.sliders.forEach(({ input, value }, k) => {
      input.value = String(state.amps[k]);
      value.textContent = state.amps[k].toFixed(2).replace("-", "−");
    });
    this.to.show(state.to);
    this.t.value = String(state.t);
    const ends = `${this.panel.model.key} ${state.seed} ${state.to} ${state.drop} ${this.theme.text}`;
    if (ends !== this.ends) this.#film(state);
    this.ends = ends;
    this.#showEnds(state);
  }

  // What each slider leads to: the pictures at its two ends, all other sliders as they are.
  #showEnds({ amps }) {
    const { panel } = this,
      { anchor } = panel.plane,
      { size } = panel.model;
    const points = new Float64Array(2 * AMPLITUDES * size);
    amps.forEach((amount, k) =>
      [-REACH, REACH].forEach((end, i) =>
        points.set(
          anchor.map((x, n) => x + (end - amount) * panel.directions[k][n]),
          (2 * k + i) * size,
        ),
      ),
    );
    panel.helper.ask("ends", panel.model, { what: "mosaic", points, masks: null }, ({ tiles }) => {
      this.sliders.forEach(({ ends, name }, k) => {
        const pictures = [0, 1].map((i) => tiles.subarray((2 * k + i) * PIXELS, (2 * k + i + 1) * PIXELS));
        ends.forEach((face, i) => face.show(Float64Array.from(pictures[i], (byte) => byte / 255)));
        const does = difference(pictures[0], pictures[1]);
        name.textContent = `${k + 1} ${does}`;
        name.title = `Direction ${k + 1}, from left to right: ${does}. Found by comparing the two pictures, so it depends on the seed`;
      });
      panel.app.shown("ends");
    });
  }

  #film({ seed, to }) {
    const { panel } = this,
      { size } = panel.model,
      from = panel.draw(seed),
      towards = panel.draw(to);
    const points = new Float64Array(FRAMES * size);
    for (let i = 0; i < FRAMES; i++) points.set(morph(from, towards, i / (FRAMES - 1), panel.noise), i * size);
    panel.helper.ask(
      "morph",
      panel.model,
      { what: "mosaic", points, masks: panel.masks(FRAMES), opinions: true },
      ({ tiles, opinions }) => {
        opinions.forEach((opinion, i) => {
          this.opinions.children[i].textContent = `D ${opinion.toFixed(2)}`;
        });
        this.strip.getContext("2d").putImageData(inked(tiles, FRAMES, FRAMES, this.theme.text), 0, 0);
        panel.app.shown("morph");
      },
    );
  }

  #start() {
    const { app } = this.panel,
      started = performance.now() - app.state.t * SECONDS * 1000;
    const beat = (now) => {
      const phase = ((now - started) / 1000 / SECONDS) % 2;
      app.change({ t: Math.round(1000 * (phase < 1 ? phase : 2 - phase)) / 1000 }, false);
      this.frame = requestAnimationFrame(beat);
    };
    this.frame = requestAnimationFrame(beat);
    this.play.textContent = "❚❚ Stop";
  }

  stop() {
    if (!this.frame) return;
    cancelAnimationFrame(this.frame);
    this.frame = 0;
    this.play.textContent = "▶ Morph";
    this.panel.app.settle();
  }

  remove() {
    cancelAnimationFrame(this.frame);
  }
}

// How a picture's strokes are: amount of ink, slant, width and height, each with what is a clear difference between digits.
const CLEAR = { ink: 25, slant: 0.18, width: 0.7, height: 0.6 };
const NAMES = {
  ink: ["lighter", "bolder"],
  slant: ["leans left", "leans right"],
  width: ["narrower", "wider"],
  height: ["flatter", "taller"],
};

/**
 * The most obvious difference between two pictures, such as "bolder"; "other shape" if none of these is clear.
 * @param {ArrayLike<number>} first  bytes of 28 x 28 pixels
 * @param {ArrayLike<number>} last
 */
export function difference(first, last) {
  const [before, after] = [strokes(first), strokes(last)];
  const lead = (name) => (after[name] - before[name]) / CLEAR[name];
  const name = Object.keys(CLEAR).reduce((best, each) => (Math.abs(lead(each)) > Math.abs(lead(best)) ? each : best));
  return Math.abs(lead(name)) < 1 ? "other shape" : NAMES[name][Number(lead(name) > 0)];
}

function strokes(pixels) {
  let [ink, sumX, sumY, xx, yy, xy] = [0, 0, 0, 0, 0, 0];
  for (let i = 0; i < PIXELS; i++) {
    const mass = pixels[i] / 255,
      x = i % SIDE,
      y = SIDE - Math.floor(i / SIDE); // upwards, so that a lean to the right is positive
    ink += mass;
    sumX += mass * x;
    sumY += mass * y;
    xx += mass * x * x;
    yy += mass * y * y;
    xy += mass * x * y;
  }
  const total = ink || 1,
    [midX, midY] = [sumX / total, sumY / total];
  const [spreadX, spreadY] = [xx / total - midX ** 2, yy / total - midY ** 2];
  const slant = (xy / total - midX * midY) / (spreadY || 1);
  return { ink, slant, width: Math.sqrt(Math.max(0, spreadX)), height: Math.sqrt(Math.max(0, spreadY)) };
}
