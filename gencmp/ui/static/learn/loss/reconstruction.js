// The 784 terms of one digit's reconstruction: their heat map, the pixel that is looked at, their sum.

import { contextOf, el, themeOf, tone } from "../../shared/base.js";
import { explained, say } from "../../shared/terms.js";
import { PIXELS, SIDE } from "../../latent/nets.js";
import { leastNats } from "./elbo.js";
import { Heat } from "./heat.js";
import { figure, nats } from "../parts.js";

// A digit of 28 x 28 in the colour of the text.
export class Small {
  /** @param {string} label */
  constructor(label) {
    this.canvas = el("canvas", { class: "gw-small", width: SIDE, height: SIDE, role: "img", "aria-label": label });
  }

  /**
   * @param {ArrayLike<number>} pixels  0 to 1
   * @param {boolean} dark
   */
  show(pixels, dark) {
    const image = new ImageData(SIDE, SIDE);
    for (let i = 0; i < PIXELS; i++) {
      image.data.fill(dark ? 240 : 20, 4 * i, 4 * i + 3);
      image.data[4 * i + 3] = 255 * pixels[i] + 0.5;
    }
    contextOf(this.canvas).putImageData(image, 0, 0);
  }
}

export class Reconstruction {
  /** @type {ArrayLike<number>} */
  pixels;
  /** @type {import("./elbo.js").Loss} */
  loss;

  constructor(nouns) {
    this.nouns = nouns;
    this.heat = new Heat((index) => this.#sayPixel(index));
    this.original = new Small("The digit");
    this.decoded = new Small("What the decoder makes of it");
    this.pixel = el("p", { class: "gw-pixel", "aria-live": "polite" });
    this.words = el("p");
    this.most = el("span");
    const figureOf = ({ canvas }, words) => el("figure", {}, canvas, el("figcaption", {}, words));
    const scale = el("div", { class: "gw-scale" }, el("span", {}, "0"), el("i"), this.most);
    const beside = [figureOf(this.original, "the digit"), figureOf(this.decoded, "decoded"), scale];
    this.root = el(
      "section",
      {},
      el("h2", {}, ...explained("[Reconstruction|reconstruction]: 784 terms, one for each pixel", nouns)),
      this.words,
      el("div", { class: "gw-map" }, this.heat.root, el("div", { class: "gw-beside" }, ...beside)),
      this.pixel,
    );
  }

  /**
   * @param {ArrayLike<number>} pixels  0 to 1
   * @param {import("./elbo.js").Loss} loss
   */
  show(pixels, loss) {
    const { dark, text } = themeOf(this.root),
      most = Math.max(...loss.terms),
      isNew = this.loss !== loss;
    Object.assign(this, { pixels, loss });
    this.original.show(pixels, dark);
    this.decoded.show(loss.predicted, dark);
    this.most.textContent = nats(most);
    this.heat.show(pixels, loss.terms, most, { hue: tone("vae", dark), ink: text });
    if (isNew) this.heat.choose(loss.terms.indexOf(most));
    say(
      this.words,
      `Each pixel costs its [binary cross-entropy]. Together: ${nats(loss.reconstruction)}. Of these, ${nats(leastNats(pixels))} cannot be [avoided|entropy of the data]: they are for this digit's grey pixels.`,
      this.nouns,
    );
  }

  #sayPixel(index) {
    const [x, p, term] = [this.pixels, this.loss.predicted, this.loss.terms].map((each) => each[index]),
      place = `Row ${Math.floor(index / SIDE) + 1}, column ${(index % SIDE) + 1}`;
    this.pixel.replaceChildren(
      el("strong", {}, `${place}: ${nats(term, 2)}`),
      el("span", {}, `ink x = ${figure(x)}, the decoder says p = ${figure(p, 3)}`),
      el("span", {}, `−x ln p − (1 − x) ln(1 − p) = ${figure(term)}`),
    );
  }
}
