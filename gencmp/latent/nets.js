// Forward passes of the models: dense layers, G, D, encoder, decoder. No DOM, so it runs in workers and in Node, too.
// Tests compare it with torch. Nothing is allocated per call: each network reuses its buffers, so a result is valid only
// until the next call.

import { randomWord } from "./latent.js";
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
/**
 * @typedef {{ inputs: number, outputs: number, weight: Float32Array, bias: Float32Array }} Layer  weight: [outputs, inputs]
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
  const { config, epoch } = JSON.parse(metadata.gencmp);
  const names = new Set(Object.keys(tensors).map((key) => key.split("/")[1])); // of model/NAME/layers.0.weight
  const networks = Object.fromEntries(Array.from(names, (name) => [name, networkOf(name, config, tensors)]));
  return {
    kind: config.kind,
    epoch,
    config,
    size: config.kind === "gan" ? config.noise_size : config.latent_size,
    networks,
  };
}

function networkOf(name, config, tensors) {
  const layers = [];
  for (let i = 0; `model/${name}/layers.${i}.weight` in tensors; i++) {
    const [weight, bias] = ["weight", "bias"].map((part) => tensors[`model/${name}/layers.${i}.${part}`]);
    const [outputs, inputs] = weight.shape;
    layers.push({ inputs, outputs, weight: weight.numbers, bias: bias.numbers });
  }
  return new Network(layers, {
    activation: config.activation,
    slope: config.leaky_slope,
    dropout: config[`${name}_dropout`] ?? 0,
  });
}

export class Network {
  /**
   * @param {Layer[]} layers
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
      dense(layer, x, y);
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
      dense4(layer, x, y);
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

// Four neurons at a time share each number of x that is read: a third faster than one at a time.
function dense({ weight, bias, inputs, outputs }, x, y) {
  let o = 0;
  for (; o + 4 <= outputs; o += 4) {
    let a = bias[o],
      b = bias[o + 1],
      c = bias[o + 2],
      d = bias[o + 3];
    const w0 = o * inputs,
      w1 = w0 + inputs,
      w2 = w1 + inputs,
      w3 = w2 + inputs;
    for (let i = 0; i < inputs; i++) {
      const each = x[i];
      a += weight[w0 + i] * each;
      b += weight[w1 + i] * each;
      c += weight[w2 + i] * each;
      d += weight[w3 + i] * each;
    }
    y[o] = a;
    y[o + 1] = b;
    y[o + 2] = c;
    y[o + 3] = d;
  }
  for (; o < outputs; o++) {
    let sum = bias[o];
    for (let i = 0, w = o * inputs; i < inputs; i++) sum += weight[w + i] * x[i];
    y[o] = sum;
  }
}

// Two neurons of four pictures at a time.
function dense4({ weight, bias, inputs, outputs }, x, y) {
  let o = 0;
  for (; o + 2 <= outputs; o += 2) {
    const w0 = o * inputs,
      w1 = w0 + inputs;
    let a = bias[o],
      b = a,
      c = a,
      d = a,
      e = bias[o + 1],
      f = e,
      g = e,
      h = e;
    for (let i = 0, at = 0; i < inputs; i++, at += 4) {
      const first = weight[w0 + i],
        second = weight[w1 + i];
      const p = x[at],
        q = x[at + 1],
        r = x[at + 2],
        s = x[at + 3];
      a += first * p;
      b += first * q;
      c += first * r;
      d += first * s;
      e += second * p;
      f += second * q;
      g += second * r;
      h += second * s;
    }
    const to = 4 * o;
    y[to] = a;
    y[to + 1] = b;
    y[to + 2] = c;
    y[to + 3] = d;
    y[to + 4] = e;
    y[to + 5] = f;
    y[to + 6] = g;
    y[to + 7] = h;
  }
  for (; o < outputs; o++) {
    for (let k = 0; k < 4; k++) {
      let sum = bias[o];
      for (let i = 0, w = o * inputs; i < inputs; i++) sum += weight[w + i] * x[4 * i + k];
      y[4 * o + k] = sum;
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
