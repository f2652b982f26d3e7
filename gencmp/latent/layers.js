// One layer's forward pass: dense, convolution, transposed convolution; of one picture, or of four at a time. No DOM.

/**
 * A layer as settings/layers.py describes it. inputs, outputs: [numbers], or [maps, side, side].
 * @typedef {object} Described
 * @property {"dense" | "convolution" | "transposed convolution"} kind
 * @property {number[]} inputs
 * @property {number[]} outputs
 * @property {number} [kernel]
 * @property {number} [stride]
 * @property {number} [padding]
 */
/**
 * Numbers in and out, and the weights: [outputs, inputs] of a dense layer. A convolution applies such a matrix at many places,
 * see `maps`.
 * @typedef {{ inputs: number, outputs: number, weight: Float32Array, bias: Float32Array, maps?: Maps }} Layer
 */
/**
 * At place p the matrix reads the numbers from[p], and what it gives is added to the numbers to[p]; -1 lies beyond the edge.
 * @typedef {{ matrix: Layer, places: number, from: Int32Array, to: Int32Array, buffers: Record<number, Float64Array[]> }} Maps
 */

/** @param {number[]} shape */
const count = (shape) => shape.reduce((product, each) => product * each, 1);

/**
 * @param {Described} described
 * @param {Float32Array} weight  as PyTorch has it, see settings/layers.py
 * @param {Float32Array} bias
 * @returns {Layer}
 */
export function layerOf(described, weight, bias) {
  const layer = { inputs: count(described.inputs), outputs: count(described.outputs), weight, bias };
  return described.kind === "dense" ? layer : { ...layer, maps: mapsOf(described, weight) };
}

/**
 * @param {Described} described
 * @param {Float32Array} weight
 * @returns {Maps}
 */
function mapsOf({ kind, inputs, outputs, kernel = 1, stride = 1, padding = 0 }, weight) {
  const shrinks = kind === "convolution",
    [large, small] = shrinks ? [inputs, outputs] : [outputs, inputs],
    square = kernel * kernel,
    places = small[1] * small[2];
  // the matrix: one row for each number that a place gives
  const matrix = {
    inputs: shrinks ? large[0] * square : small[0],
    outputs: shrinks ? small[0] : large[0] * square,
    weight: shrinks ? weight : turned(weight, small[0], large[0] * square),
    bias: new Float32Array(shrinks ? small[0] : large[0] * square),
  };
  // each place of the small side meets a square of the large one
  const wide = new Int32Array(places * large[0] * square),
    narrow = new Int32Array(places * small[0]);
  for (let p = 0, at = 0; p < places; p++) {
    const top = stride * Math.floor(p / small[2]) - padding,
      left = stride * (p % small[2]) - padding;
    for (let map = 0; map < small[0]; map++) narrow[p * small[0] + map] = map * places + p;
    for (let map = 0; map < large[0]; map++) {
      for (let tap = 0; tap < square; tap++, at++) {
        const y = top + Math.floor(tap / kernel),
          x = left + (tap % kernel);
        const inside = y >= 0 && x >= 0 && y < large[1] && x < large[2];
        wide[at] = inside ? (map * large[1] + y) * large[2] + x : -1;
      }
    }
  }
  return { matrix, places, from: shrinks ? wide : narrow, to: shrinks ? narrow : wide, buffers: {} };
}

/**
 * @param {Float32Array} weight  [rows, columns]
 * @param {number} rows
 * @param {number} columns
 * @returns {Float32Array} [columns, rows]
 */
const turned = (weight, rows, columns) =>
  Float32Array.from(weight, (_, i) => weight[(i % rows) * columns + Math.floor(i / rows)]);

/**
 * Writes the layer's sums, without an activation, to y. many: 1, or 4 for four pictures, whose numbers are interleaved.
 * @param {Layer} layer
 * @param {Float64Array} x
 * @param {Float64Array} y
 * @param {1 | 4} many
 */
export function forward(layer, x, y, many) {
  if (layer.maps) convolve(layer, layer.maps, x, y, many);
  else if (many === 4) dense4(layer, x, y);
  else dense(layer, x, y);
}

/**
 * @param {Layer} layer
 * @param {Maps} maps
 * @param {Float64Array} x
 * @param {Float64Array} y
 * @param {1 | 4} many
 */
function convolve({ outputs, bias }, { matrix, places, from, to, buffers }, x, y, many) {
  const multiply = many === 4 ? dense4 : dense;
  const [patch, sums] = (buffers[many] ??= [matrix.inputs, matrix.outputs].map(
    (each) => new Float64Array(many * each),
  ));
  const size = (many * outputs) / bias.length; // of one map
  for (let map = 0; map < bias.length; map++) y.fill(bias[map], map * size, (map + 1) * size);
  for (let p = 0; p < places; p++) {
    for (let i = 0, at = p * matrix.inputs; i < matrix.inputs; i++, at++) {
      for (let k = 0; k < many; k++) patch[many * i + k] = from[at] < 0 ? 0 : x[many * from[at] + k];
    }
    multiply(matrix, patch, sums);
    for (let o = 0, at = p * matrix.outputs; o < matrix.outputs; o++, at++) {
      if (to[at] >= 0) for (let k = 0; k < many; k++) y[many * to[at] + k] += sums[many * o + k];
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
