// The VAE's loss of one picture, term by term, as models/vae.py computes it for a batch. No DOM; a test holds it to torch.

import { normalAt } from "../../latent/latent.js";
import { PIXELS, encode, sigmoid } from "../../latent/nets.js";

/** @typedef {import("../../latent/latent.js").Bell} Bell */
/** @typedef {import("../../latent/nets.js").Model} Model */

/**
 * All that the loss is made of, in nats. noise: what was drawn for z. predicted: what the decoder says of each pixel.
 * terms: the binary cross-entropy of each pixel; kls: the KL of each latent number.
 * @typedef {object} Loss
 * @property {Bell} bell
 * @property {number[]} noise
 * @property {number[]} z
 * @property {Float64Array} logits
 * @property {Float64Array} predicted
 * @property {Float64Array} terms
 * @property {number[]} kls
 * @property {number} reconstruction
 * @property {number} kl
 */

const sum = (numbers) => numbers.reduce((all, each) => all + each, 0);

/**
 * Binary cross-entropy in nats of a pixel, 0 to 1, and a logit.
 * @param {number} pixel
 * @param {number} logit
 */
export const crossEntropy = (pixel, logit) =>
  Math.max(logit, 0) - logit * pixel + Math.log1p(Math.exp(-Math.abs(logit)));

/**
 * The KL of each latent number from the standard normal, in closed form.
 * @param {Bell} bell
 * @returns {number[]}
 */
export const klTerms = ({ mean, logVar }) =>
  Array.from(mean, (m, i) => (m * m + Math.exp(logVar[i]) - 1 - logVar[i]) / 2);

/**
 * The noise of draw `n` of a seed: one number for each latent number.
 * @param {number} seed
 * @param {number} n
 * @param {number} size
 */
export const noiseOf = (seed, n, size) => Array.from({ length: size }, (_, i) => normalAt(seed, n * size + i));

/**
 * z = mean + standard deviation * noise
 * @param {Bell} bell
 * @param {number[]} noise
 */
export const drawn = ({ mean, logVar }, noise) => Array.from(mean, (m, i) => m + Math.exp(logVar[i] / 2) * noise[i]);

/**
 * The loss of one picture, for one draw of z.
 * @param {Model} model  a VAE
 * @param {ArrayLike<number>} pixels  0 to 1
 * @param {number} seed
 * @returns {Loss}
 */
export function lossOf(model, pixels, seed) {
  const bell = encode(model, pixels),
    noise = noiseOf(seed, 0, model.size),
    z = drawn(bell, noise);
  const logits = model.networks.decoder.run(z).slice();
  const terms = logits.map((logit, i) => crossEntropy(pixels[i], logit)),
    kls = klTerms(bell);
  return {
    bell,
    noise,
    z,
    logits,
    predicted: logits.map(sigmoid),
    terms,
    kls,
    reconstruction: sum(terms),
    kl: sum(kls),
  };
}

/**
 * The least that the terms can add up to: what the grey pixels cost if each is predicted exactly.
 * @param {ArrayLike<number>} pixels  0 to 1
 */
export function leastNats(pixels) {
  const cost = (p) => (p > 0 ? -p * Math.log(p) : 0);
  let nats = 0;
  for (let i = 0; i < pixels.length; i++) nats += cost(pixels[i]) + cost(1 - pixels[i]);
  return nats;
}

/**
 * KL by sampling: the mean of log q(z | x) - log p(z) over draws, for each latent number.
 */
export class Estimate {
  /**
   * @param {Bell} bell
   * @param {number} seed
   */
  constructor(bell, seed) {
    this.bell = bell;
    this.seed = seed;
    this.size = bell.mean.length;
    this.count = 0;
    this.sums = Array(this.size).fill(0);
    this.squares = Array(this.size).fill(0);
    /** @type {{ count: number, means: number[] }[]} the mean after each draw that is drawn on a logarithmic axis */
    this.course = [];
  }

  /** @param {number} more  draws */
  draw(more) {
    for (let k = 0; k < more; k++) {
      const noise = noiseOf(this.seed, this.count, this.size),
        z = drawn(this.bell, noise);
      for (let i = 0; i < this.size; i++) {
        const each = (z[i] ** 2 - noise[i] ** 2 - this.bell.logVar[i]) / 2; // the two densities' constants cancel
        this.sums[i] += each;
        this.squares[i] += each * each;
      }
      this.count++;
      const last = this.course.at(-1)?.count ?? 0;
      if (this.count >= last * 1.02 || last < 100) this.course.push({ count: this.count, means: this.means() });
    }
    if (this.course.at(-1)?.count !== this.count) this.course.push({ count: this.count, means: this.means() });
  }

  means() {
    return this.sums.map((each) => each / this.count);
  }

  /** Half the widths of the 95 % intervals; NaN for fewer than two draws. */
  halves() {
    const n = this.count;
    return this.sums.map((each, i) => {
      const variance = Math.max(0, this.squares[i] - (each * each) / n) / (n - 1);
      return n > 1 ? 1.96 * Math.sqrt(variance / n) : NaN;
    });
  }
}

/**
 * The loss in the ways that it can be put together, in nats. pixelMean: the reconstruction averaged over the pixels;
 * klSign and reconstructionSign: with the sign of either turned.
 * @param {{ reconstruction: number, kl: number }} terms
 * @param {number} beta
 */
export const totals = ({ reconstruction, kl }, beta = 1) => ({
  right: reconstruction + beta * kl,
  pixelMean: reconstruction / PIXELS + beta * kl,
  klSign: reconstruction - beta * kl,
  reconstructionSign: -reconstruction + beta * kl,
});

/**
 * The same picture with a spread `times` as small around the same mean: what a wrong sign of KL rewards.
 * @param {Model} model
 * @param {ArrayLike<number>} pixels
 * @param {Loss} loss
 * @param {number} times
 */
export function narrower(model, pixels, { bell, noise }, times) {
  const narrow = { mean: bell.mean, logVar: bell.logVar.map((each) => each - 2 * Math.log(times)) };
  const logits = model.networks.decoder.run(drawn(narrow, noise));
  return { reconstruction: sum(Array.from(pixels, (p, i) => crossEntropy(p, logits[i]))), kl: sum(klTerms(narrow)) };
}

/**
 * The reconstruction, in nats, if the decoder drew the negative of its picture: what a wrong sign of it rewards.
 * @param {ArrayLike<number>} pixels
 * @param {Loss} loss
 */
export const negativeNats = (pixels, { logits }) => sum(Array.from(pixels, (p, i) => crossEntropy(p, -logits[i])));
