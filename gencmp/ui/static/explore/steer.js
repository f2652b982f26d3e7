// Ten amplitude sliders along directions of the noise, and a morph between two seeds.

import { el } from "../shared/base.js";
import { AMPLITUDES } from "./address.js";
import { inked } from "./layers.js";
import { morph } from "../latent/latent.js";
import { SIDE } from "../latent/nets.js";
import { button, numberField } from "./pieces.js";

const FRAMES = 9;
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
      min: "-4",
      max: "4",
      step: "0.05",
      class: "gx-range",
      "aria-label": `Amplitude of direction ${k + 1}`,
      title: `How far to go along direction ${k + 1}; double click: back to 0`,
    });
    const value = el("output");
    const set = (x, settled) => app.change({ amps: app.state.amps.with(k, x) }, settled);
    input.addEventListener("input", () => set(Number(input.value), false));
    input.addEventListener("change", () => app.settle());
    input.addEventListener("dblclick", () => set(0, true));
    return { root: el("label", {}, el("span", {}, String(k + 1)), input, value), input, value };
  }

  retheme(theme) {
    this.theme = theme;
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
