// What one phase of a minibatch means: who learnt, where the gradient went, how far the weights moved. No elements here.

import { thousands } from "../shared/base.js";

export const SHORT = { discriminator: "D", generator: "G", encoder: "encoder", decoder: "decoder" };
// The scale of the bars, as a relative change of a layer's weights: 0.001 % to 10 %, four decades.
const LEAST = 1e-5;
const MOST = 1e-1;

/**
 * The length of a layer's bar. A layer that moved at all shows at least a sliver, one that stood still shows nothing.
 * @param {number} change  ||dW|| / ||W||
 * @returns {number} 0 to 1
 */
export function logShare(change) {
  if (!(change > 0)) return 0;
  const share = Math.log(change / LEAST) / Math.log(MOST / LEAST);
  return Math.min(1, Math.max(0.04, share));
}

/**
 * A share with two significant digits: "1.2 %", "0.034 %".
 * @param {number} share
 */
export function percent(share) {
  if (!(share > 0)) return "0";
  if (share < LEAST / 10) return "< 0.0001 %";
  const places = Math.min(4, Math.max(0, 1 - Math.floor(Math.log10(100 * share))));
  return `${(100 * share).toFixed(places)} %`;
}

/**
 * Whether a network learnt in the phase, stood still, or has not been asked yet.
 * @param {string} network  a key of SHORT
 * @param {string} acts  who learnt; "" before the first phase
 * @returns {"learns" | "rests" | "waits"}
 */
export function roleOf(network, acts) {
  if (!acts) return "waits";
  return acts === "vae" || acts === network ? "learns" : "rests";
}

/**
 * Where the gradient went: through a network whose weights it changed, through one whose weights it left, or not at all.
 * @param {string} network
 * @param {string} acts
 * @returns {"changed" | "passed" | ""}
 */
export function gradientOf(network, acts) {
  if (roleOf(network, acts) === "learns") return "changed";
  return network === "discriminator" && acts === "generator" ? "passed" : "";
}

/**
 * The sentence that says who learns.
 * @param {string} acts
 * @param {string} next
 */
export function headline(acts, next) {
  if (acts === "vae") return "Encoder and decoder learn together";
  if (acts)
    return `${SHORT[acts]}'s phase: ${SHORT[acts === "generator" ? "discriminator" : "generator"]} stands still`;
  return next === "vae" ? "Laid out: nothing has learnt yet" : `Laid out: ${SHORT[next]} learns first`;
}

/**
 * Why there is no moment yet.
 * @param {string} state  of the run
 */
export function waitingWords(state) {
  if (state === "queued") return "Starts paused when its turn has come.";
  if (state === "starting") return "Starts paused: the first minibatch is laid out in about 5 s.";
  return "Paused: the next minibatch is being laid out.";
}

/**
 * Which step this is.
 * @param {{step: number, epoch: number, turn: number, turns: number}} moment
 */
export function facts({ step, epoch, turn, turns }) {
  const several = turns > 1 ? ` · turn ${turn} of ${turns}` : "";
  return `step ${thousands(step)}, epoch ${epoch}${several} · `;
}

/**
 * Why D says nothing of these pictures.
 * @param {string} name  of the row
 * @param {string} acts
 */
export const unseenWords = (name, acts) =>
  acts === "generator" && name === "real" ? "D does not look at them in G's phase" : "";

/**
 * How many phases lie before the end of the next one in which a network learns: laying out a minibatch is one by itself.
 * @param {{phase: number, phases: number}} moment
 */
export const phasesAhead = ({ phase, phases }) => (phase < phases ? 1 : 2);

/**
 * Whether what a button asked for has been done.
 * @param {{from: any, steps?: number}} asked  the moment at which it was pressed; whole steps, or one phase
 * @param {any} now  the newest moment
 */
export function isDone({ from, steps }, now) {
  if (now.id <= from.id || !now.acts) return false;
  if (!steps) return true;
  const last = from.step + steps - (from.phase < from.phases ? 1 : 0); // what is left of a minibatch counts as one
  return now.step > last || (now.step === last && now.phase === now.phases);
}
