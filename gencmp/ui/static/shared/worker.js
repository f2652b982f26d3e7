// The heavy computations of one square in a worker thread: mosaics of decoded digits, and the posterior's density.
// Requests are answered in order; the page sends the next one after the last answer.

import { density, Plane } from "../latent/latent.js";
import { PIXELS, judge4, paint4, readWeights } from "../latent/nets.js";

const KNOWN = 8; // as in library.js
const models = new Map(); // the most recent, by key

onmessage = async ({ data }) => {
  if (data.weights) keep(data.key, readWeights(data.weights));
  const answer =
    data.what === "mosaic"
      ? mosaic(data)
      : { sums: await density(data.xs, data.ys, data.varX, data.varY, data.across) };
  const transfer = Object.values(answer).flatMap((each) => (each ? [each.buffer] : []));
  postMessage({ job: data.job, ...answer }, { transfer });
};

function keep(key, model) {
  models.set(key, model);
  if (models.size > KNOWN) models.delete(models.keys().next().value);
}

// Decodes points, four at a time. places: plane coordinates [a, b, a, b, ...]; or points: whole latent vectors.
// masks: dropout seeds, one per picture, or null. Returns tiles (one byte per pixel) and, if requested, D's outputs.
function mosaic({ key, plane, places, points, masks, opinions }) {
  const model = models.get(key),
    { size } = model;
  const count = points ? points.length / size : places.length / 2;
  const flat = plane && new Plane(plane.anchor, plane.u, plane.v);
  const tiles = new Uint8Array(count * PIXELS),
    found = opinions && model.kind === "gan" ? new Float32Array(count) : null;
  const four = new Float64Array(4 * size),
    one = new Float64Array(size),
    out = new Float64Array(4 * PIXELS);
  for (let first = 0; first < count; first += 4) {
    const indices = [0, 1, 2, 3].map((k) => Math.min(count - 1, first + k));
    indices.forEach((index, k) => {
      const z = points
        ? points.subarray(index * size, (index + 1) * size)
        : flat.point(places[2 * index], places[2 * index + 1], one);
      for (let i = 0; i < size; i++) four[4 * i + k] = z[i];
    });
    paint4(model, four, out, masks && indices.map((index) => masks[index]));
    const verdicts = found ? judge4(model, out) : [];
    indices.forEach((index, k) => {
      const start = index * PIXELS;
      for (let i = 0; i < PIXELS; i++) tiles[start + i] = Math.round(255 * out[4 * i + k]);
      if (found) found[index] = verdicts[k];
    });
  }
  return { tiles, opinions: found };
}
