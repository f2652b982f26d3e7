// Forward passes of the models: G, D, encoder, decoder. No DOM, so it runs in workers and in Node, too.
// Tests compare it with torch. Nothing is allocated per call: each network reuses its buffers, so a result is valid only
// until the next call.

import { randomWord } from "./latent.js";
import { forward, layerOf } from "./layers.js";
import { readSafetensors } from "./safetensors.js";

/**
 * A GAN's generator and discriminator, or a VAE's encoder and decoder. `size`: how many numbers a latent point has.
 * @typedef {object} Model
 * @property {"gan" | "vae"} kind
 * @property {number} epoch
 * @property {Record<string, any>} config
 * @property {number} size
 * @property {Record<string, Network>} networks
 * @property {string} [key]  names it in a cache
 */
export const SIDE = 28;
export const PIXELS = SIDE * SIDE;

/**
 * A weights file (see models/weights_file.py) as an ArrayBuffer -> a model: its networks by name, config, kind, epoch, and
 * the number of latent dimensions.
 * @param {ArrayBuffer} buffer
 * @returns {Model}
 */
export function readWeights(buffer) {
  const { metadata, tensors } = readSafetensors(buffer);
  const { config, epoch, layers } = JSON.parse(metadata.gencmp);
  const names = new Set(Object.keys(tensors).map((key) => key.split("/")[1])); // of model/NAME/layers.0.weight
  const networks = Object.fromEntries(
    Array.from(names, (name) => [name, networkOf(name, config, layers?.[name], tensors)]),
  );
  return {
    kind: config.kind,
    epoch,
    config,
    size: config.kind === "gan" ? config.noise_size : config.latent_size,
    networks,
  };
}

// described: by settings/layers.py; files of early versions, whose layers are all dense, have no description.
function networkOf(name, config, described, tensors) {
  const layers = [];
  for (let i = 0; `model/${name}/layers.${i}.weight` in tensors; i++) {
    const [weight, bias] = ["weight", "bias"].map((part) => tensors[`model/${name}/layers.${i}.${part}`]);
    const [outputs, inputs] = weight.shape;
    const known = described?.[i] ?? { kind: "dense", inputs: [inputs], outputs: [outputs] };
    layers.push(layerOf(known, weight.numbers, bias.numbers));
  }
  return new Network(layers, {
    activation: config.activation,
    slope: config.leaky_slope,
    dropout: config[`${name}_dropout`] ?? 0,
  });
}

export class Network {
  /**
   * @param {import("./layers.js").Layer[]} layers
   * @param {{ activation: string, slope: number, dropout: number }} config
   */
  constructor(layers, { activation, slope, dropout }) {
    this.layers = layers;
    this.activation = activation;
    this.slope = slope;
    this.dropout = dropout;
    this.widths = [layers[0].inputs, ...layers.map((layer) => layer.outputs)];
    // four pictures at a time share each weight that is read, which halves the time
    this.one = this.widths.map((width) => new Float64Array(width));
    /** @type {Float64Array[] | null} */
    this.four = null;
  }

  /**
   * One input -> outputs of the last layer before its activation. masks: a dropout seed, or null for none.
   * @param {ArrayLike<number>} input
   * @param {number | null} [masks]  a seed for dropout, or null for none
   * @returns {Float64Array}
   */
  run(input, masks = null) {
    let x = this.one[0];
    for (let i = 0; i < x.length; i++) x[i] = input[i];
    this.layers.forEach((layer, index) => {
      const y = this.one[index + 1];
      forward(layer, x, y, 1);
      if (index < this.layers.length - 1) {
        this.#activate(y);
        if (masks !== null && this.dropout) drop(y, this.dropout, masks, index);
      }
      x = y;
    });
    return x;
  }

  /**
   * Four inputs, numbers interleaved (input[4 * i + k]) -> outputs before the activation, interleaved. masks: four seeds, or null.
   * @param {Float64Array} input
   * @param {number[] | null} [masks]  four seeds, or null
   * @returns {Float64Array}
   */
  run4(input, masks = null) {
    const buffers = (this.four ??= this.widths.map((width) => new Float64Array(4 * width)));
    let x = input;
    this.layers.forEach((layer, index) => {
      const y = buffers[index + 1];
      forward(layer, x, y, 4);
      if (index < this.layers.length - 1) {
        this.#activate(y);
        if (masks !== null && this.dropout) for (let k = 0; k < 4; k++) drop(y, this.dropout, masks[k], index, k, 4);
      }
      x = y;
    });
    return x;
  }

  #activate(y) {
    const slope = this.activation === "relu" ? 0 : this.slope;
    if (this.activation === "leaky_relu" || this.activation === "relu") {
      for (let i = 0; i < y.length; i++) if (y[i] < 0) y[i] *= slope;
    } else if (this.activation === "elu") {
      for (let i = 0; i < y.length; i++) if (y[i] < 0) y[i] = Math.expm1(y[i]);
    } else {
      for (let i = 0; i < y.length; i++) y[i] = Math.tanh(y[i]);
    }
  }
}

// As in training: a neuron is set to 0 with probability `rate`, else scaled by 1 / (1 - rate).
function drop(y, rate, seed, layer, start = 0, stride = 1) {
  const threshold = rate * 2 ** 32,
    scale = 1 / (1 - rate);
  for (let i = start, n = 0; i < y.length; i += stride, n++) {
    y[i] = randomWord(seed, layer * 65536 + n) < threshold ? 0 : y[i] * scale;
  }
}

/** @param {number} x */
export const sigmoid = (x) => 1 / (1 + Math.exp(-x));

/**
 * Writes the pixels (0 to 1) of a latent point to `out`, with a VAE's decoder or a GAN's generator.
 * @param {Model} model
 * @param {ArrayLike<number>} z
 * @param {Float64Array} out
 * @param {number | null} [masks]  seed of a GAN's dropout
 */
export function paint(model, z, out, masks = null) {
  const sums = model.networks[model.kind === "gan" ? "generator" : "decoder"].run(
    z,
    model.kind === "gan" ? masks : null,
  );
  if (model.kind === "gan") for (let i = 0; i < PIXELS; i++) out[i] = (Math.tanh(sums[i]) + 1) / 2;
  else for (let i = 0; i < PIXELS; i++) out[i] = sigmoid(sums[i]);
  return out;
}

/**
 * The same for four points, interleaved both ways; `out` holds four pictures, interleaved.
 * @param {Model} model
 * @param {Float64Array} z
 * @param {Float64Array} out
 * @param {number[] | null} [masks]
 */
export function paint4(model, z, out, masks = null) {
  const gan = model.kind === "gan";
  const sums = model.networks[gan ? "generator" : "decoder"].run4(z, gan ? masks : null);
  if (gan) for (let i = 0; i < 4 * PIXELS; i++) out[i] = (Math.tanh(sums[i]) + 1) / 2;
  else for (let i = 0; i < 4 * PIXELS; i++) out[i] = sigmoid(sums[i]);
  return out;
}

const signed = new Float64Array(PIXELS),
  signed4 = new Float64Array(4 * PIXELS);

/**
 * D's output for pixels (0 to 1): its probability that they are real.
 * @param {Model} model  a GAN
 * @param {ArrayLike<number>} pixels
 * @returns {number}
 */
export function judge(model, pixels) {
  for (let i = 0; i < PIXELS; i++) signed[i] = 2 * pixels[i] - 1;
  return sigmoid(model.networks.discriminator.run(signed)[0]);
}

/**
 * The same of four pictures, interleaved.
 * @param {Model} model
 * @param {ArrayLike<number>} pixels
 * @returns {number[]}
 */
export function judge4(model, pixels) {
  for (let i = 0; i < 4 * PIXELS; i++) signed4[i] = 2 * pixels[i] - 1;
  return Array.from(model.networks.discriminator.run4(signed4), sigmoid);
}

/**
 * Pixels 0 to 1 -> {mean, logVar}, fresh arrays.
 * @param {Model} model  a VAE
 * @param {ArrayLike<number>} pixels
 * @returns {import("./latent.js").Bell}
 */
export function encode(model, pixels) {
  const sums = model.networks.encoder.run(pixels);
  return { mean: sums.slice(0, model.size), logVar: sums.slice(model.size) };
}

/**
 * Reconstruction loss of one picture in nats: binary cross-entropy of the decoder's logits at z against the pixels.
 * @param {Model} model
 * @param {ArrayLike<number>} pixels
 * @param {ArrayLike<number>} z
 * @returns {number}
 */
export function reconstructionNats(model, pixels, z) {
  const sums = model.networks.decoder.run(z);
  let nats = 0;
  for (let i = 0; i < PIXELS; i++) {
    const s = sums[i];
    nats += Math.max(s, 0) - s * pixels[i] + Math.log1p(Math.exp(-Math.abs(s)));
  }
  return nats;
}

/**
 * KL divergence of N(mean, exp(logVar)) from N(0, I), in nats.
 * @param {import("./latent.js").Bell} bell
 * @returns {number}
 */
export function klNats({ mean, logVar }) {
  let nats = 0;
  for (let i = 0; i < mean.length; i++) nats += (mean[i] ** 2 + Math.exp(logVar[i]) - 1 - logVar[i]) / 2;
  return nats;
}
