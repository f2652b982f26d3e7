// Three sentences next to each square about the current point. No DOM. Each [term] is explained (shared/terms.js).

import { Classes, UNLABELLED } from "../shared/classes.js";
import { share } from "../latent/latent.js";

const HOLE = 0.35; // σ; a point further than this from the nearest of 10,000 test pictures is in a hole; scaled for fewer pictures
const percent = (x) => `${Math.round(100 * x)} %`;

// near: neighbours() of the point, or null; r: distance from the middle in σ; pixels 0 to 1; grey: greyness() of the test
// pictures, or null where it is not known yet; collapsed: whether the encoder says nothing of any picture
export function vaeWords({ near, r, pixels, size, grey = null, classes = new Classes(), collapsed = false }) {
  const which = collapsed ? nothingSaid(classes) : whichClasses(near, r, classes);
  return [which, howFar(r, size), howGrey(pixels, grey, classes)];
}

const nothingSaid = ({ nouns }) =>
  `This VAE has [collapsed]: the [encoder] gives every ${nouns.picture} the same point, so the [decoder] draws the same everywhere.`;

const ANYWHERE = "The [decoder] turns this point into a picture.";

function whichClasses(near, r, classes) {
  if (!near) return ANYWHERE;
  const { picture, pictures } = classes.nouns;
  if (near.nearest > HOLE * Math.sqrt(10_000 / near.of))
    return r > 3
      ? `Outside the data: no test ${picture} is near.`
      : "A [hole]: the [decoder] was not trained here and improvises.";
  const labelled = near.k - near.counts[UNLABELLED];
  if (!labelled) return ANYWHERE;
  const order = near.counts
    .slice(0, UNLABELLED)
    .map((count, label) => [count, label])
    .sort((a, b) => b[0] - a[0]);
  const [[first, one], [, two]] = order,
    of = labelled < near.k ? `the ${labelled} with a label among the` : "the";
  if (first / labelled > 0.9)
    return `Among ${classes.some(one)}: ${first} of ${of} ${near.k} nearest test ${pictures}.`;
  const [low, high] = [Math.min(one, two), Math.max(one, two)].map((label) => classes.each(label));
  return `Between ${low} and ${high}: the [decoder] [blends] them.`;
}

function howFar(r, size) {
  if (size !== 2)
    return `${r.toFixed(1)} [σ] from the centre; most of the [prior] lies about ${Math.sqrt(size).toFixed(1)} σ from it.`;
  const inside = 1 - Math.exp((-r * r) / 2);
  return `${r.toFixed(1)} [σ] from the centre: ${percent(inside)} of the [prior]'s samples are closer to the centre.`;
}

/**
 * Of all pixels with more than a quarter of full ink, the share with less than three quarters.
 * @param {Iterable<number>} pixels  0 to 1
 */
export function greyness(pixels) {
  let [ink, grey] = [0, 0];
  for (const x of pixels) {
    ink += Number(x > 0.25);
    grey += Number(x > 0.25 && x < 0.75);
  }
  return ink ? grey / ink : 0;
}

function howGrey(pixels, grey, { nouns }) {
  const real = grey === null ? "" : `; of a real ${nouns.picture}'s, ${percent(grey)}`;
  return `${percent(greyness(pixels))} of its ink is [grey]${real}.`;
}

// opinion: D(G(z)); outside: how many numbers are outside the training range; changed: pixels that differ from the anchor's
export function ganWords({ opinion, outside, size, changed, moved, uniform, drop }) {
  return [
    whatDThinks(opinion),
    howMoved(changed, moved),
    drop ? "[dropout] is on: neurons are missing, so strokes are ragged." : range(outside, size, uniform),
  ];
}

function whatDThinks(opinion) {
  const d = opinion.toFixed(2);
  if (opinion > 0.6) return `[D] considers it real: ${d}.`;
  if (opinion > 0.35) return `[D] is undecided: ${d}, about one half.`;
  return opinion > 0.1 ? `[D] has doubts: ${d}.` : `[D] recognises it as generated: ${d}.`;
}

function howMoved(changed, moved) {
  if (moved < 0.05) return "This is the [anchor]; drag to move away from it.";
  if (!changed) return `${moved.toFixed(1)} steps from the [anchor], no pixel has flipped.`;
  return `${moved.toFixed(1)} steps from the [anchor], ${changed} of 784 pixels have flipped.`;
}

function range(outside, size, uniform) {
  if (!uniform) return "The [noise] is normally distributed: less likely further out.";
  if (!outside) return `All ${size} numbers of the [noise] are within −1 to 1.`;
  return `${outside} of ${size} numbers are outside −1 to 1, where [G] was not trained.`;
}

/**
 * Of a latent point from the middle.
 * @param {Float64Array} z
 */
export const distance = (z) => Math.sqrt(z.reduce((sum, x) => sum + x * x, 0));
export { share };
