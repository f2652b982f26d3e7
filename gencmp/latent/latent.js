// Latent space: seeded noise, quantiles, planes, directions, paths, density; the counterpart of noise.py and planes.py. No DOM.

/**
 * What the encoder says of one picture: a normal distribution of independent numbers.
 * @typedef {{ mean: Float64Array, logVar: Float64Array }} Bell
 */
/**
 * What it says of `count` pictures, `size` numbers each, one after another; and their labels.
 * @typedef {{ means: Float32Array, logVars: Float32Array, labels: Uint8Array, size: number, count: number }} Posterior
 */

// Seeded noise: number `index` of a seed's sequence, uint32; equals random_words() in Python.

function mixed(x) {
  x = Math.imul(x ^ (x >>> 16), 0x7feb352d);
  x = Math.imul(x ^ (x >>> 15), 0x846ca68b);
  return (x ^ (x >>> 16)) >>> 0;
}

/**
 * @param {number} seed
 * @param {number} index
 * @returns {number}
 */
export function randomWord(seed, index) {
  const first = mixed(seed >>> 0);
  return mixed(mixed((Math.imul(index, 0x9e3779b9) + first) >>> 0) ^ first);
}

/**
 * Evenly between -1 and 1.
 * @param {number} seed
 * @param {number} index
 */
export const uniformAt = (seed, index) => randomWord(seed, index) / 2 ** 31 - 1;
/**
 * Of the standard normal.
 * @param {number} seed
 * @param {number} index
 */
export const normalAt = (seed, index) => quantile((randomWord(seed, index) + 0.5) / 2 ** 32);

/**
 * @param {number} seed
 * @param {number} size
 * @param {string} kind  "uniform" or "normal"
 * @returns {Float64Array} rounded to float32, as in Python
 */
export function drawNoise(seed, size, kind) {
  const draw = kind === "normal" ? normalAt : uniformAt;
  return Float64Array.from({ length: size }, (_, i) => Math.fround(draw(seed, i)));
}

// The standard normal

/* eslint-disable no-loss-of-precision -- as published, with more digits than a double holds */
const QUANTILE = [
  // Wichura 1988, AS 241: numerators and denominators, highest power first
  [
    [
      2.5090809287301226727e3, 3.3430575583588128105e4, 6.7265770927008700853e4, 4.5921953931549871457e4,
      1.3731693765509461125e4, 1.9715909503065514427e3, 1.3314166789178437745e2, 3.387132872796366608,
    ],
    [
      5.226495278852854561e3, 2.8729085735721942674e4, 3.930789580009271061e4, 2.1213794301586595867e4,
      5.3941960214247511077e3, 6.871870074920579083e2, 4.2313330701600911252e1, 1,
    ],
  ],
  [
    [
      7.7454501427834140764e-4, 2.27238449892691845833e-2, 2.4178072517745061177e-1, 1.27045825245236838258,
      3.64784832476320460504, 5.7694972214606914055, 4.6303378461565452959, 1.42343711074968357734,
    ],
    [
      1.05075007164441684324e-9, 5.475938084995344946e-4, 1.51986665636164571966e-2, 1.4810397642748007459e-1,
      6.8976733498510000455e-1, 1.6763848301838038494, 2.05319162663775882187, 1,
    ],
  ],
  [
    [
      2.01033439929228813265e-7, 2.71155556874348757815e-5, 1.2426609473880784386e-3, 2.6532189526576123093e-2,
      2.9656057182850489123e-1, 1.7848265399172913358, 5.4637849111641143699, 6.6579046435011037772,
    ],
    [
      2.04426310338993978564e-15, 1.4215117583164458887e-7, 1.8463183175100546818e-5, 7.868691311456132591e-4,
      1.48753612908506148525e-2, 1.3692988092273580531e-1, 5.9983220655588793769e-1, 1,
    ],
  ],
];
/* eslint-enable no-loss-of-precision */
const polynomial = (coefficients, x) => coefficients.reduce((sum, c) => sum * x + c, 0);
/** @param {number[][]} parts  numerator and denominator */
const ratio = ([above, below], x) => polynomial(above, x) / polynomial(below, x);

/**
 * Of the standard normal.
 * @param {number} p  0 to 1
 * @returns {number}
 */
export function quantile(p) {
  const q = p - 0.5;
  if (Math.abs(q) <= 0.425) return q * ratio(QUANTILE[0], 0.180625 - q * q);
  const r = Math.sqrt(-Math.log(q < 0 ? p : 1 - p));
  const far = r <= 5 ? ratio(QUANTILE[1], r - 1.6) : ratio(QUANTILE[2], r - 5);
  return q < 0 ? -far : far;
}

/**
 * The standard normal CDF: Marsaglia's series near the middle, a continued fraction in the tails.
 * @param {number} x
 * @returns {number}
 */
export function share(x) {
  if (Math.abs(x) < 3) {
    let term = x,
      sum = x;
    for (let k = 3; Math.abs(term) > 1e-17 * Math.abs(sum); k += 2) sum += term = (term * x * x) / k;
    return 0.5 + sum * bell(x);
  }
  const a = Math.abs(x);
  let below = a;
  for (let k = 60; k; k--) below = a + k / below;
  return x < 0 ? bell(a) / below : 1 - bell(a) / below;
}
const bell = (x) => Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI);

// The mapping between a side of a square, 0 to 1, and coordinates. "quantile": equal steps of the prior's probability, so
// that the density of digits matches the prior; the outermost 0.05 % on each side are cut off.

const EDGE = 0.0005;
export class Spacing {
  /**
   * @param {string} kind  "even" or "quantile"
   * @param {number} reach  coordinates of an even square's edges
   */
  constructor(kind, reach) {
    this.kind = kind;
    this.reach = reach;
    this.limit = kind === "quantile" ? quantile(1 - EDGE) : reach;
  }
  // 0 .. 1 -> coordinate
  at(t) {
    return this.kind === "quantile" ? quantile(Math.min(1 - EDGE, Math.max(EDGE, t))) : (2 * t - 1) * this.reach;
  }
  // coordinate -> 0 .. 1
  place(x) {
    return this.kind === "quantile" ? share(x) : (x / this.reach + 1) / 2;
  }
  clamp(x) {
    return Math.max(-this.limit, Math.min(this.limit, x));
  }
  ticks(count) {
    return Float64Array.from({ length: count }, (_, i) => this.at((i + 0.5) / count));
  }
}

// Planes: anchor + a u + b v, with u and v orthonormal

export class Plane {
  /**
   * @param {Float64Array} anchor
   * @param {ArrayLike<number>} u
   * @param {ArrayLike<number>} v
   */
  constructor(anchor, u, v) {
    this.anchor = anchor;
    this.u = u;
    this.v = v;
  }
  /**
   * @param {number} a
   * @param {number} b
   * @param {Float64Array} [out]
   * @returns {Float64Array}
   */
  point(a, b, out = new Float64Array(this.anchor.length)) {
    for (let i = 0; i < out.length; i++) out[i] = this.anchor[i] + a * this.u[i] + b * this.v[i];
    return out;
  }
  coordinates(point) {
    let a = 0,
      b = 0;
    for (let i = 0; i < point.length; i++) {
      a += (point[i] - this.anchor[i]) * this.u[i];
      b += (point[i] - this.anchor[i]) * this.v[i];
    }
    return [a, b];
  }
}

/**
 * The first axes; zeros where there are none.
 * @param {number} size
 * @param {number} [count]
 * @returns {Float64Array[]}
 */
export const axes = (size, count = 2) =>
  Array.from({ length: count }, (_, k) => Float64Array.from({ length: size }, (__, i) => Number(i === k)));

/**
 * At right angles to each other and of length one; zeros beyond `size`.
 * @param {number} seed
 * @param {number} size
 * @param {number} [count]
 * @returns {Float64Array[]}
 */
export function randomDirections(seed, size, count = 2) {
  const found = [];
  for (let k = 0; k < count; k++) {
    const direction = Float64Array.from({ length: size }, (_, i) => normalAt(seed, k * size + i));
    for (const other of found) {
      const shared = dot(direction, other);
      for (let i = 0; i < size; i++) direction[i] -= shared * other[i];
    }
    const length = Math.sqrt(dot(direction, direction));
    found.push(k < size ? direction.map((x) => x / length) : direction.fill(0));
  }
  return found;
}
const dot = (x, y) => x.reduce((sum, each, i) => sum + each * y[i], 0);

/**
 * Interpolates two noise vectors: linearly for uniform noise, spherically for normal noise, whose samples lie near a sphere.
 * @param {Float64Array} from
 * @param {Float64Array} to
 * @param {number} t  0 to 1
 * @param {string} kind  of the noise: "uniform" or "normal"
 * @returns {Float64Array}
 */
export function morph(from, to, t, kind) {
  let [a, b] = [1 - t, t];
  if (kind === "normal") {
    const angle = Math.acos(Math.max(-1, Math.min(1, dot(from, to) / Math.sqrt(dot(from, from) * dot(to, to)))));
    if (angle > 1e-6) [a, b] = [Math.sin((1 - t) * angle) / Math.sin(angle), Math.sin(t * angle) / Math.sin(angle)];
  }
  return from.map((x, i) => a * x + b * to[i]);
}

/**
 * The point at `part` (0 to 1) of the polyline through all points, at constant speed.
 * @param {number[][]} points
 * @param {number} part
 * @param {boolean} loop  whether the way leads back to the first point
 * @returns {number[]}
 */
export function along(points, part, loop) {
  const stops = loop ? [...points, points[0]] : points;
  const lengths = stops.slice(1).map(([x, y], i) => Math.hypot(x - stops[i][0], y - stops[i][1]));
  let left = part * lengths.reduce((sum, each) => sum + each, 0);
  for (let i = 0; i < lengths.length; left -= lengths[i++]) {
    if (left <= lengths[i] && lengths[i]) {
      const t = left / lengths[i],
        [[x, y], [toX, toY]] = [stops[i], stops[i + 1]];
      return [x + (toX - x) * t, y + (toY - y) * t];
    }
  }
  return stops[stops.length - 1];
}

/**
 * The aggregated posterior on a square of count x count points; xs, ys, and variances of n bells -> Float32Array, row 0 on top.
 * `between` is awaited from time to time, so that a worker can receive newer requests.
 * @param {Float32Array} xs
 * @param {Float32Array} ys
 * @param {Float32Array} varX
 * @param {Float32Array} varY
 * @param {Float64Array} across  coordinates of the columns
 * @param {() => Promise<boolean>} [between]  false ends the work
 * @returns {Promise<Float32Array | null>} null if ended
 */
export async function density(xs, ys, varX, varY, across, between = async () => true) {
  const count = across.length,
    sums = new Float32Array(count * count),
    bells = new Float64Array(count);
  for (let n = 0; n < xs.length; n++) {
    const scale = 1 / (2 * Math.PI * Math.sqrt(varX[n] * varY[n]) * xs.length);
    for (let i = 0; i < count; i++) bells[i] = Math.exp(-((across[i] - xs[n]) ** 2) / (2 * varX[n]));
    for (let row = 0; row < count; row++) {
      const high = scale * Math.exp(-((across[count - 1 - row] - ys[n]) ** 2) / (2 * varY[n]));
      if (high < 1e-9) continue; // skips most rows of most distributions
      const start = row * count;
      for (let i = 0; i < count; i++) sums[start + i] += high * bells[i];
    }
    if (n % 1000 === 999 && !(await between())) return null;
  }
  return sums;
}

/**
 * The nearest means to a point in the full latent space, at most `most`: the count of each label (255: none), and the
 * distance of the nearest.
 * @param {Posterior} posterior
 * @param {ArrayLike<number>} z
 * @param {number} [most]  k
 */
export function neighbours({ means, labels, size, count }, z, most = 50) {
  const k = Math.min(most, count),
    nearest = new Float64Array(k).fill(Infinity),
    of = new Uint8Array(k);
  for (let n = 0; n < count; n++) {
    let away = 0;
    for (let i = 0, at = n * size; i < size; i++) away += (means[at + i] - z[i]) ** 2;
    if (!(away < nearest[k - 1])) continue;
    let i = k - 1;
    for (; i && nearest[i - 1] > away; i--) {
      nearest[i] = nearest[i - 1];
      of[i] = of[i - 1];
    }
    nearest[i] = away;
    of[i] = labels[n];
  }
  const counts = new Array(256).fill(0);
  for (const label of of) counts[label]++;
  return { counts, k, of: count, nearest: Math.sqrt(nearest[0]) };
}

/**
 * Normal distributions with diagonal covariance, projected onto a plane: means, and the two variances.
 * @param {Posterior} posterior
 * @param {Plane} plane
 */
export function projected({ means, logVars, size, count }, plane) {
  const [xs, ys, varX, varY] = Array.from({ length: 4 }, () => new Float32Array(count));
  for (let n = 0; n < count; n++) {
    for (let i = 0, at = n * size; i < size; i++, at++) {
      const away = means[at] - plane.anchor[i],
        variance = Math.exp(logVars[at]),
        u = plane.u[i],
        v = plane.v[i];
      xs[n] += away * u;
      ys[n] += away * v;
      varX[n] += variance * u * u;
      varY[n] += variance * v * v;
    }
    varX[n] = Math.max(varX[n], 1e-4);
    varY[n] = Math.max(varY[n], 1e-4); // a one-dimensional latent space has no height
  }
  return { xs, ys, varX, varY };
}

/**
 * The 1 σ ellipse of such a distribution on a plane: centre, semi-axes and rotation.
 * @param {Bell} bell
 * @param {Plane} plane
 */
export function outline({ mean, logVar }, plane) {
  let [xx, yy, xy] = [0, 0, 0];
  for (let i = 0; i < mean.length; i++) {
    const variance = Math.exp(logVar[i]);
    xx += variance * plane.u[i] ** 2;
    yy += variance * plane.v[i] ** 2;
    xy += variance * plane.u[i] * plane.v[i];
  }
  const middle = (xx + yy) / 2,
    reach = Math.hypot((xx - yy) / 2, xy);
  const spread = [Math.sqrt(middle + reach), Math.sqrt(Math.max(0, middle - reach))];
  return { mean: plane.coordinates(mean), spread, turn: Math.atan2(2 * xy, xx - yy) / 2 };
}

const ACTIVE = 0.01; // variance of the means above which a number is in use (Burda et al. 2016, appendix C)

/**
 * How many numbers of the latent space tell the pictures apart; 0: posterior collapse.
 * @param {Posterior} posterior
 */
export function activeNumbers({ means, size, count }) {
  let active = 0;
  for (let i = 0; i < size; i++) {
    let [sum, squares] = [0, 0];
    for (let n = 0; n < count; n++) {
      sum += means[n * size + i];
      squares += means[n * size + i] ** 2;
    }
    active += Number(squares / count - (sum / count) ** 2 > ACTIVE);
  }
  return active;
}
