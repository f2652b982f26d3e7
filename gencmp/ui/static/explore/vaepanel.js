// The VAE panel: the square with its layers, the decoded digit, and sentences about it.

import { el, tone } from "../shared/base.js";
import { worded } from "../shared/classes.js";
import { drawField, drawPins, drawPoints, drawPosterior, drawBands, drawRings, field, labelAt } from "./layers.js";
import {
  Plane,
  Spacing,
  activeNumbers,
  axes,
  neighbours,
  outline,
  projected,
  randomDirections,
} from "../latent/latent.js";
import { Helper } from "../shared/library.js";
import { say } from "../shared/terms.js";
import { PIXELS, paint } from "../latent/nets.js";
import { Face, select } from "./pieces.js";
import { Square } from "./square.js";
import { distance, vaeWords } from "./words.js";

const REACH = 4; // σ shown in each direction
const FIELD = 120; // points per side of the density map
const WORDS_EVERY = 90; // ms

export class VaePanel {
  /** @type {import("../latent/latent.js").Plane} the slice that is shown */
  plane;
  /** @type {boolean} whether the encoder says nothing of any picture */
  collapsed = false;
  /** @type {string | undefined} the square's own title */
  hint;

  constructor(app) {
    this.app = app;
    this.helper = new Helper(app.library);
    this.square = new Square("The VAE's latent plane: arrow keys move the point", ["z₁ in σ", "z₂"], {
      now: () => app.state.x,
      pins: () => app.state.pins,
      moved: (a, b, moment) => app.drag("x", a, b, moment),
      released: () => app.settle(),
      pinned: (a, b) => app.change({ pins: [...app.state.pins, [a, b]] }),
      unpinned: (i) => app.change({ pins: app.state.pins.filter((_, k) => k !== i) }),
    });
    this.square.spacing = new Spacing("even", REACH);
    this.square.layers = (context, place) => this.#layers(context, place);
    this.square.root.addEventListener("pointermove", (event) => this.#name(event));
    this.face = new Face("");
    worded(this.face.canvas, { "aria-label": "The {picture} decoded at this point" });
    this.pixels = new Float64Array(PIXELS);
    this.picker = select("VAE", "Choose a shipped VAE or one of your runs", (id) => app.choose("vae", id));
    this.directions = select("Slice", "Choose the plane through the latent space", (value) =>
      app.change({ vdirs: value }),
    );
    this.directions.root.hidden = true;
    this.directions.options([
      ["axes", "first two numbers"],
      ["principal", "strongest directions"],
      ["random", "random directions"],
    ]);
    this.readout = el("output", { class: "gx-readout" });
    this.words = [1, 2, 3].map(() => el("p"));
    this.waiting = el("p", { class: "gx-which", role: "status" });
    this.notice = el("p", { class: "gx-notice", hidden: true });
    this.tag = el("span", { class: "gx-tag" });
    this.root = el(
      "section",
      { class: "gx-panel gc-vae", "aria-label": "VAE plane" },
      el("header", {}, el("strong", {}, "VAE"), this.picker.root, this.directions.root, this.tag),
      this.notice,
      (this.body = el("div", { class: "gx-body" }, this.square.root)),
      el(
        "div",
        { class: "gx-result" },
        this.face.canvas,
        el("div", { class: "gx-said" }, this.readout, ...this.words, this.waiting),
      ),
    );
  }

  resize(side, theme) {
    this.theme = theme;
    this.square.resize(side, theme);
    this.body.style.height = `${side + 20}px`;
    this.face.ink(theme.text);
    if (this.model) this.refresh();
  }

  show(model) {
    this.model = model;
    this.tag.textContent = `epoch ${model.epoch}`;
    this.directions.root.hidden = model.size <= 2;
    this.refresh();
    this.#fetchPosterior();
  }

  // Redraws what depends on the plane, after a change of model, spacing, slice or size.
  refresh() {
    const { state } = this.app;
    this.square.spacing = new Spacing(state.spacing, REACH);
    this.directions.root.value = state.vdirs;
    this.plane = this.#plane();
    this.projection = null;
    this.shade = null;
    this.square.names = { 1: ["z in σ", ""], 2: ["z₁ in σ", "z₂"] }[this.model.size] ?? [
      "direction 1 in σ",
      "direction 2",
    ];
    this.mosaic();
    this.#density();
    this.#ambiguity();
    this.point();
    this.draw();
  }

  #plane() {
    const { state } = this.app,
      { size } = this.model,
      [u, v] = this.#pair(state, size);
    const coded = state.centre === "digit" && size > 2 ? this.app.coded : null;
    return new Plane(coded ? coded.mean : new Float64Array(size), u, v);
  }

  #pair({ vdirs, vseed }, size) {
    if (size <= 2 || vdirs === "axes") return axes(size);
    return vdirs === "random" ? randomDirections(vseed, size) : this.app.directions.vae;
  }

  has(layer) {
    return this.app.state.layers.includes(layer);
  }

  mosaic() {
    if (!this.has("mosaic")) return;
    const { columns, spacing } = this.square,
      across = spacing.ticks(columns),
      key = this.model.key;
    const places = new Float64Array(2 * columns * columns).map((_, i) => {
      const tile = i >> 1;
      return i % 2 ? across[columns - 1 - Math.floor(tile / columns)] : across[tile % columns];
    });
    const { anchor, u, v } = this.plane;
    this.helper.ask("mosaic", this.model, { what: "mosaic", plane: { anchor, u, v }, places }, ({ tiles }) => {
      if (key === this.model.key && columns === this.square.columns) this.square.showTiles(tiles, columns);
      this.app.shown("vae");
    });
  }

  async #fetchPosterior() {
    const { model } = this;
    const found = await this.app.library.posterior(this.app.facts.vae, model.epoch).catch(() => null);
    if (this.model !== model) return;
    this.posterior = found;
    this.collapsed = found !== null && activeNumbers(found) === 0;
    this.projection = null;
    this.#density();
    this.speak();
    this.draw();
    this.app.rail.showKey();
  }

  // Shows the class of the test picture under the pointer as a tooltip.
  #name(event) {
    const { root } = this.square,
      title = (this.hint ??= root.title);
    if (this.square.pressed || !this.has("points") || !this.posterior || !this.model) return;
    const label = labelAt(this.square.place, this.#projected(), ...this.square.under(event));
    root.title = label === null ? title : this.app.classes.vae.name(label);
  }

  #projected() {
    this.projection ??= { ...projected(this.posterior, this.plane), labels: this.posterior.labels };
    return this.projection;
  }

  #density() {
    if (!this.has("density") || !this.posterior) return;
    const { xs, ys, varX, varY } = this.#projected();
    this.helper.ask(
      "density",
      null,
      { what: "density", xs, ys, varX, varY, across: this.square.spacing.ticks(FIELD) },
      ({ sums }) => {
        const top = sums.reduce((a, b) => Math.max(a, b), 0);
        this.shade = field(
          sums.map((x) => Math.sqrt(x / top)),
          FIELD,
          tone("vae", this.theme.dark),
        );
        this.draw();
      },
    );
  }

  async #ambiguity() {
    const { model } = this,
      { kind } = this.square.spacing;
    this.doubt = null;
    if (!this.has("ambiguity") || !this.app.facts.vae.ambiguity) return;
    let fault = "";
    const doubts = await this.app.library.ambiguity(this.app.facts.vae, model.epoch, kind, REACH).catch((error) => {
      fault = error.message;
    });
    if (this.model === model) this.waiting.textContent = fault;
    if (!doubts || this.model !== model || this.square.spacing.kind !== kind) return;
    this.doubt = field(
      Float32Array.from(doubts, (byte) => byte / 255),
      Math.sqrt(doubts.length),
      this.theme.text,
      0.6,
    );
    this.draw();
  }

  #layers(context, place) {
    const hue = tone("vae", place.theme.dark);
    if (this.has("density") && this.shade) drawField(context, place, this.shade, true);
    if (this.has("ambiguity") && this.doubt) drawField(context, place, this.doubt, true);
    if (this.has("points") && this.posterior)
      drawPoints(context, place, this.#projected(), this.#pointSize(place.side), this.app.classes.vae);
    if (this.has("rings")) (this.model.size === 1 ? drawBands : drawRings)(context, place);
    const { coded, draws } = this.app;
    if (coded && coded.mean.length === this.model.size) {
      drawPosterior(
        context,
        place,
        { ...outline(coded, this.plane), draws: draws.map((z) => this.plane.coordinates(z)) },
        hue,
      );
    }
    drawPins(context, place, this.app.state.pins, this.app.state.loop, hue);
  }

  // Points are larger if there are only a few.
  #pointSize(side) {
    const { count } = this.posterior;
    return (side > 400 ? 2.5 : 2) * (count < 500 ? 2 : count < 3000 ? 1.4 : 1);
  }

  draw() {
    if (!this.model || !this.square.side) return;
    const covered = ["points", "density", "ambiguity"].some((layer) => this.has(layer));
    this.square.dim = this.has("mosaic") ? (covered ? 0.3 : 0.85) : 0;
    this.square.draw();
  }

  // The fast path while dragging: decode and draw one picture and the mark.
  point() {
    const [a, b] = this.app.state.x;
    this.z = this.plane.point(a, b, this.z?.length === this.model.size ? this.z : undefined);
    this.face.show(paint(this.model, this.z, this.pixels));
    this.square.move(a, b);
    this.readout.textContent =
      this.model.size === 1
        ? `z = ${signed(a)}`
        : this.model.size === 2
          ? `z = (${signed(a)}, ${signed(b)})`
          : `(${signed(a)}, ${signed(b)}) on the slice`;
    this.speakSoon();
  }

  speakSoon() {
    this.timer ??= setTimeout(() => {
      this.timer = null;
      this.speak();
    }, WORDS_EVERY);
  }

  speak() {
    if (!this.model || this.app.gone) return;
    const near = this.posterior?.size === this.model.size ? neighbours(this.posterior, this.z) : null;
    if (near && this.model.size !== 2) near.nearest = 0; // the threshold for a hole holds for two dimensions only
    const { app } = this,
      lines = vaeWords({
        near,
        r: distance(this.z),
        pixels: this.pixels,
        size: this.model.size,
        grey: app.tested.vae?.grey,
        classes: app.classes.vae,
        collapsed: this.collapsed,
      });
    lines.forEach((line, i) => say(this.words[i], line, app.words("vae")));
  }

  remove() {
    clearTimeout(this.timer);
    this.helper.remove();
  }
}

/**
 * With two places and a sign.
 * @param {number} x
 */
export const signed = (x) => `${x < 0 ? "−" : "+"}${Math.abs(x).toFixed(2)}`;
