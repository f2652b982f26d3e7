// One digit's numbers behind the lines of our code that make them; a test holds the lines to those that are there. No DOM.

import { PIXELS } from "../../latent/nets.js";
import { figure, nats, tuple } from "../parts.js";

const MOST = 4; // latent numbers that are written out

/**
 * What each statement makes, by "function: names that it sets" (ui/learn/source.py).
 * @param {import("./elbo.js").Loss} loss
 * @param {number} beta
 * @param {string} reduction  as in the model's settings
 * @returns {Record<string, string>}
 */
export function behindLines({ bell, noise, z, logits, reconstruction, kl, kls }, beta, reduction) {
  const scale = reduction === "pixel_mean" ? 1 / PIXELS : 1; // of a batch of one, the sum is the mean
  const both = `${nats(reconstruction, 2)}, ${nats(kl, 2)}`,
    total = scale * reconstruction + beta * kl;
  const spread = (i) => figure(Math.exp(bell.logVar[i] / 2), 3);
  const draw = (each, i) => `${figure(bell.mean[i])} + ${spread(i)} × ${figure(noise[i])} = ${figure(each)}`;
  return {
    "VaeTrainer.phases: mean, log_var": `mean ${tuple(bell.mean)}, log variance ${tuple(bell.logVar)}`,
    "VaeTrainer.phases: z": tuple(z),
    "VaeTrainer.phases: logits": `784 numbers, ${figure(Math.min(...logits), 1)} to ${figure(Math.max(...logits), 1)}`,
    "VaeTrainer.phases: reconstruction, kl": both,
    "VaeTrainer.phases: of_reconstruction, of_kl": `${figure(scale, scale < 1 ? 5 : 0)}, 1`,
    "VaeTrainer.phases: loss": `${figure(scale * reconstruction)} + ${beta} × ${figure(kl)} = ${nats(total, 2)}`,
    "draw_latent: noise": tuple(noise),
    "draw_latent: return": shortened(z.map(draw), "; "),
    "elbo_terms: reconstruction": `784 terms, in all ${nats(reconstruction, 2)}`,
    "elbo_terms: kl": `${shortened(
      kls.map((each) => figure(each)),
      " + ",
    )} = ${nats(kl, 2)}`,
    "elbo_terms: return": both,
  };
}

const shortened = (words, between) => words.slice(0, MOST).concat(words.length > MOST ? ["…"] : []).join(between); // prettier-ignore
