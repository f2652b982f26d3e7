// Seconds of training at each step of a run: waiting, pauses and drawing pictures do not count.

/** @typedef {{ epoch: number, step: number, seconds: number, test?: Record<string, number> }} EpochRow */

/**
 * The clock at each of these steps. Within an epoch time passes evenly; in the unfinished one, at the present pace.
 * @param {number[]} steps  ascending
 * @param {EpochRow[]} epochs  finished ones, from the first on, with their seconds of training
 * @param {number} pace  seconds of a step
 * @returns {number[]}
 */
export function clockAt(steps, epochs, pace) {
  let [i, before, passed] = [0, 0, 0]; // the epoch, the last step before it, and the clock then
  return steps.map((step) => {
    while (i < epochs.length && step > epochs[i].step) {
      passed += epochs[i].seconds;
      before = epochs[i++].step;
    }
    const each = i < epochs.length ? epochs[i].seconds / (epochs[i].step - before) : pace;
    return passed + (step - before) * each;
  });
}
