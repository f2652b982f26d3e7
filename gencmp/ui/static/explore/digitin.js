// Reconstruct a drawn picture or one of the test set: encode it, decode it, and show the cost in nats.

import { el } from "../shared/base.js";
import { packDrawing, unpackDrawing } from "./address.js";
import { UNLABELLED, worded } from "../shared/classes.js";
import { DigitPad } from "./digitpad.js";
import { normalAt } from "../latent/latent.js";
import { PIXELS, encode, klNats, paint, reconstructionNats } from "../latent/nets.js";
import { Face, button } from "./pieces.js";
import { say } from "../shared/terms.js";

const DRAWS = 12; // samples of the posterior, shown as dots on the plane

export class DigitIn {
  constructor(app) {
    this.app = app;
    this.pad = new DigitPad((levels) => this.#drawn(levels));
    this.original = new Face("", "gx-small");
    worded(this.original.canvas, { "aria-label": "The input {picture}" });
    this.copy = new Face("The reconstruction", "gx-small");
    this.difference = new Face("The difference", "gx-small");
    this.nats = el("p", { class: "gx-nats" });
    this.label = el("span", { class: "gx-which" });
    this.again = button("Sample the posterior", "Decode another sample of the encoder's distribution", () =>
      this.#redraw(),
    );
    this.centre = button("Centre the slice here", "", () =>
      app.change({ centre: app.state.centre === "digit" ? "origin" : "digit", x: [0, 0] }),
    );
    worded(this.centre, { title: "Move the slice through this {picture}'s mean" });
    const step = (by, title, sign) =>
      worded(
        button(sign, "", () => this.step(by), "gx-button gx-tight"),
        { title },
      );
    this.root = worded(
      el(
        "section",
        { class: "gx-digit" },
        worded(el("h2", {}), { text: "Reconstruct a {picture}" }),
        el(
          "div",
          { class: "gx-in" },
          this.pad.canvas,
          el(
            "div",
            { class: "gx-side" },
            worded(
              button("Clear", "", () => this.clear()),
              { title: "Remove the {picture}" },
            ),
            worded(
              button("", "", () => this.#any()),
              { text: "Test {picture}", title: "A random {picture} of the test set" },
            ),
            el(
              "div",
              { class: "gx-row" },
              step(-1, "The previous test {picture}", "‹"),
              step(1, "The next test {picture}", "›"),
            ),
            this.label,
          ),
        ),
        (this.out = el(
          "div",
          { hidden: true },
          el(
            "div",
            { class: "gx-trio" },
            captioned(this.original, "in"),
            captioned(this.copy, "out"),
            captioned(this.difference, "difference"),
          ),
          this.nats,
          el("div", { class: "gx-row" }, this.again, this.centre),
        )),
      ),
      { "aria-label": "Reconstruct a {picture}" },
    );
  }

  retheme(theme) {
    this.theme = theme;
    this.pad.retheme(theme);
    for (const face of [this.original, this.copy, this.difference]) face.ink(theme.text);
    this.#show();
  }

  async #digits() {
    return this.app.library.digits(this.app.facts.vae);
  }

  // Encodes the picture after the digit, the drawing or the model has changed.
  async refresh() {
    const { state } = this.app,
      wanted = `${state.digit} ${state.drawn} ${this.app.facts.vae?.id}`;
    if (wanted !== this.shown) {
      this.pixels = state.drawn
        ? Float64Array.from(unpackDrawing(state.drawn, PIXELS), (level) => level / 15)
        : await this.#testDigit(state.digit);
      this.shown = wanted;
      if (!this.pixels || !state.drawn) this.pad.wipe();
    }
    this.encode();
  }

  async #testDigit(index) {
    if (index < 0) {
      this.label.textContent = "";
      return null;
    }
    const { count, labels, pixels } = await this.#digits(),
      at = index % count;
    this.label.textContent = `no. ${at + 1}${labels[at] === UNLABELLED ? "" : `: ${this.app.classes.vae.one(labels[at])}`}`;
    return Float64Array.from(pixels.subarray(at * PIXELS, (at + 1) * PIXELS), (byte) => byte / 255);
  }

  encode() {
    const { app } = this,
      { model } = app.vae,
      { draw } = app.state;
    app.coded = this.pixels && model ? encode(model, this.pixels) : null;
    app.draws = [];
    if (app.coded && draw) for (let k = Math.max(1, draw - DRAWS + 1); k <= draw; k++) app.draws.push(this.#sample(k));
    this.#show();
    if (app.state.centre === "digit" && model?.size > 2) app.vae.refresh();
    else app.vae.draw();
  }

  #sample(draw) {
    const { mean, logVar } = this.app.coded;
    return mean.map((x, i) => x + Math.exp(logVar[i] / 2) * normalAt(draw, i));
  }

  #show() {
    const { app } = this,
      { coded } = app,
      { model } = app.vae,
      { pixels } = this;
    this.out.hidden = !coded;
    if (!coded || !pixels || !this.theme) return;
    const z = app.draws.at(-1) ?? coded.mean,
      out = paint(model, z, new Float64Array(PIXELS));
    this.original.show(pixels);
    this.copy.show(out);
    this.difference.show(out.map((x, i) => Math.abs(x - pixels[i])));
    const lost = reconstructionNats(model, pixels, z),
      kl = klNats(coded);
    say(
      this.nats,
      `[reconstruction] ${lost.toFixed(1)} + [KL] ${kl.toFixed(1)} = ${(lost + kl).toFixed(1)} [nats]`,
      app.words("vae"),
    );
    this.names();
  }

  names() {
    this.centre.hidden = !(this.app.vae.model?.size > 2);
    this.centre.textContent = this.app.state.centre === "digit" ? "Slice through the middle" : "Centre the slice here";
  }

  // User actions

  #drawn(levels) {
    if (!levels) return this.clear();
    this.label.textContent = `your ${this.app.words("vae").picture}`;
    this.app.change({ drawn: packDrawing(levels), digit: -1, draw: 0 }, false);
    this.#goTo(() => this.app.coded?.mean);
  }

  clear() {
    this.pad.wipe();
    this.label.textContent = "";
    this.app.change({ drawn: "", digit: -1, draw: 0, centre: "origin" });
  }

  async #any() {
    const { count } = await this.#digits();
    this.#take(Math.floor(Math.random() * count));
  }

  async step(by) {
    const { count } = await this.#digits();
    this.#take((Math.max(this.app.state.digit, by > 0 ? -1 : 0) + by + count) % count);
  }

  async #take(index) {
    this.app.change({ digit: index, drawn: "", draw: 0 });
    await this.refresh();
    this.#goTo(() => this.app.coded?.mean);
  }

  #redraw() {
    this.app.change({ draw: this.app.state.draw + 1 });
    this.#goTo(() => this.app.draws.at(-1));
  }

  // Moves the point to the mean of the picture.
  async #goTo(place) {
    await this.refresh();
    const z = place();
    if (!z) return;
    const limit = this.app.vae.square.spacing.limit;
    this.app.change({
      x: this.app.vae.plane
        .coordinates(z)
        .map((each) => Math.round(1e4 * Math.max(-limit, Math.min(limit, each))) / 1e4),
    });
  }
}

const captioned = (face, words) => el("figure", {}, face.canvas, el("figcaption", {}, words));
