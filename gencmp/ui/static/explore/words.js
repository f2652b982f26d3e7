// Three sentences next to each square about the current point. No DOM except in say().
// A [word] in brackets gets a tooltip that explains it.

import { el } from "../shared/base.js";
import { Classes, UNLABELLED, filled } from "../shared/classes.js";
import { share } from "../latent/latent.js";

// Placeholders are filled by Explore.words().
export const TERMS = {
  decoder: "The half of the VAE that turns a point into a picture: dense layers from a few numbers to 784 pixels.",
  encoder:
    "The half of the VAE that maps a picture to latent space: it outputs a mean and a standard deviation for each coordinate.",
  prior:
    "The distribution of random points from which the VAE generates {pictures}: a standard normal distribution, with 1 σ in every direction.",
  σ: "One standard deviation of the prior, the distribution of random points.",
  hole: "A region that is likely under the prior, but to which the encoder maps no {picture}. The decoder was never trained there.",
  grey: "Pixels between a quarter and three quarters of full ink. {ink}",
  collapsed:
    "Posterior collapse: the KL term has won, and the encoder's output is the prior, whatever the {picture}. No number of the latent space is in use.",
  blends: "Between two kinds of {picture}, the decoder averages each pixel, which looks blurred.",
  D: "The discriminator: it was trained to tell the generator's pictures from real ones. 1 means certainly real, 0 certainly generated.",
  G: "The generator: dense layers from {numbers} random numbers to 784 pixels.",
  anchor: "The noise in the middle of the slice. Dragging adds multiples of two directions to it.",
  noise: "The random numbers from which the generator makes a picture. Each is drawn {drawn}.",
  dropout:
    "During training, each hidden neuron is dropped with probability {dropout}. The paper switches this off to generate pictures.",
  nats: "The unit of information when logarithms are natural: 1 nat is 1.44 bits.",
  KL: "Kullback-Leibler divergence of the encoder's output from the prior, in nats.",
  reconstruction:
    "Binary cross-entropy between the decoder's output and the {picture}, in nats: the information that is lost.",
};

// Shows a sentence with tooltips on its terms; leaves the DOM alone if the sentence is already shown.
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
