// Three lines beside each square that change with what is under the finger. No DOM but in say().
// A [word] in a sentence has a hover that explains it.

import { el } from "../shared/base.js";
import { Classes, UNLABELLED, filled } from "../shared/classes.js";
import { share } from "../latent/latent.js";

// In the words of Explore.words().
export const TERMS = {
  decoder: "The half of the VAE that makes a picture of a point: dense layers from a few numbers to 784 pixels.",
  encoder:
    "The half of the VAE that finds the point for a picture: it answers with a mean and a spread for each number.",
  prior:
    "Where random points are drawn from when the VAE invents {pictures}: a bell around the middle, one σ wide in every direction.",
  σ: "One standard deviation of the prior, the bell that random points are drawn from.",
  hole: "A place that the prior draws from but where no training {picture} was ever put. The decoder was never asked about it.",
  grey: "Pixels between a quarter and three quarters of full ink. {ink}",
  blends:
    "Between two kinds of {picture} the decoder cannot choose: it gives each pixel its average, which looks blurred.",
  D: "The discriminator: it was trained to tell the generator's pictures from real ones. 1 means surely real, 0 surely made.",
  G: "The generator: dense layers from {numbers} random numbers to 784 pixels.",
  anchor: "The noise in the middle of the slice. Dragging adds a little of two directions to it.",
  noise: "The random numbers that the generator makes a picture from. Each was drawn {drawn}.",
  dropout:
    "While it learns, each hidden neuron is left out with a chance of {dropout}. The paper switches this off to draw its pictures.",
  nats: "The unit of information when logarithms are natural: 1 nat is 1.44 bits.",
  KL: "Kullback and Leibler's divergence: what the encoder's answer costs beyond the prior, in nats.",
  reconstruction:
    "Binary cross entropy of the decoder's picture against the {picture}: what is lost on the way, in nats.",
};

// Writes a sentence into a place, its terms explained in these words; nothing is touched when it says so already.
export function say(place, sentence, words) {
  if (place.dataset.sentence === sentence) return;
  place.dataset.sentence = sentence;
  place.replaceChildren(
    ...sentence.split(/\[(.+?)\]/).map((part, i) => {
      const meaning = i % 2 ? filled(TERMS[part] ?? "", words) : "";
      return i % 2 ? el("dfn", { title: meaning, tabindex: "0", "data-tip": meaning }, part) : part;
    }),
  );
}

const HOLE = 0.35; // σ from a point to the nearest of 10,000 test pictures, beyond which none was put there; fewer lie wider apart
const percent = (x) => `${Math.round(100 * x)} %`;

// near: neighbours() of the point, or null; r: distance from the middle in σ; pixels 0 to 1; grey: greyness() of the test
// pictures, or null where it is not known yet
export function vaeWords({ near, r, pixels, size, grey = null, classes = new Classes() }) {
  return [whichClasses(near, r, classes), howFar(r, size), howGrey(pixels, grey, classes)];
}

const ANYWHERE = "The [decoder] turns this point into a picture.";

function whichClasses(near, r, classes) {
  if (!near) return ANYWHERE;
  const { picture, pictures } = classes.nouns;
  if (near.nearest > HOLE * Math.sqrt(10_000 / near.of))
    return r > 3
      ? `Off the map: no test ${picture} is near.`
      : "A [hole] in the map: the [decoder] makes something up.";
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
  if (size !== 2) return `${r.toFixed(1)} [σ] out; most of the [prior] lies about ${Math.sqrt(size).toFixed(1)} σ out.`;
  const inside = 1 - Math.exp((-r * r) / 2);
  return `${r.toFixed(1)} [σ] out: ${percent(inside)} of the [prior]'s draws lie further in.`;
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

// opinion: D(G(z)); outside: how many numbers left the range of training; changed: pixels unlike the anchor's
export function ganWords({ opinion, outside, size, changed, moved, uniform, drop }) {
  return [
    whatDThinks(opinion),
    howMoved(changed, moved),
    drop ? "[dropout] is on: neurons are missing, strokes fray." : range(outside, size, uniform),
  ];
}

function whatDThinks(opinion) {
  const d = opinion.toFixed(2);
  if (opinion > 0.6) return `[D] takes it for real: ${d}.`;
  if (opinion > 0.35) return `[D] cannot tell: ${d}, about one half.`;
  return opinion > 0.1 ? `[D] has doubts: ${d}.` : `[D] sees through it: ${d}.`;
}

function howMoved(changed, moved) {
  if (moved < 0.05) return "This is the [anchor] itself; drag to leave it.";
  if (!changed) return `${moved.toFixed(1)} steps from the [anchor], no pixel has turned.`;
  return `${moved.toFixed(1)} steps from the [anchor], ${changed} of 784 pixels have turned.`;
}

function range(outside, size, uniform) {
  if (!uniform) return "The [noise] is normal: rarer further out.";
  if (!outside) return `All ${size} numbers of the [noise] are within −1 to 1.`;
  return `${outside} of ${size} numbers have left −1 to 1: new land for [G].`;
}

/**
 * Of a latent point from the middle.
 * @param {Float64Array} z
 */
export const distance = (z) => Math.sqrt(z.reduce((sum, x) => sum + x * x, 0));
export { share };
