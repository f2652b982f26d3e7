// Which values a chart of losses shows. A loss falls from several hundred to a hundred and a few within the first steps: with
// those on the axis, all that comes later would be a flat line. So the axis spans what the curves do after the start.

export const START = 0.15; // of the run so far: what happens in it may be cut off at the top
const ROOM = 2; // the height of the axis, in heights of what comes after the start
const LEAST = 0.1; // height of the axis, as a share of the values, if nothing else is said: less would be a picture of noise
const SPARE = 1.5; // an axis that is this much too high is made anew; until then it stays, so that nothing jumps
const TICKS = 6; // about as many steps of round numbers as an axis has

/** @typedef {{ x: number[], y: (number | null)[], isFaint?: boolean }} Line  faint: values that are not smoothed */
/** @typedef {[number, number]} Range */

/**
 * The values to show; null if there are none yet.
 * @param {Line[]} lines  as they are drawn, x in epochs
 * @param {number[]} inside  values that are shown in any case
 * @param {number} [floor]  where the axis starts, if not below the lowest value
 * @param {number} [least]  its least height
 * @returns {Range | null}
 */
export function interesting(lines, inside = [], floor = undefined, least = undefined) {
  const all = spread([...valuesAfter(lines, 0), ...inside]);
  if (!all) return null;
  const [low, top] = [floor ?? all[0], all[1]];
  const settled = spread([...valuesAfter(lines, START), ...inside]) ?? all;
  const high = Math.max(settled[1], Math.min(top, low + ROOM * (settled[1] - low)));
  return [low, Math.max(high, low + (least ?? LEAST * Math.abs(high)))];
}

/**
 * All values of the lines; null if there are none yet.
 * @param {Line[]} lines
 * @param {number[]} inside
 * @returns {Range | null}
 */
export const everything = (lines, inside = []) => spread([...valuesAfter(lines, 0), ...inside]);

/**
 * The axis for these values: round numbers, or the old axis as long as it does.
 * @param {Range | null} old
 * @param {Range} wanted
 * @returns {Range}
 */
export function axisFor(old, [low, high]) {
  const [from, to] = roundOut(low, high);
  if (old && old[0] <= low && high <= old[1] && old[1] - old[0] <= SPARE * (to - from)) return old;
  return [from, to];
}

/**
 * In a few words, what of these lines lies above the axis; empty if nothing does.
 * @param {Line[]} lines
 * @param {Range} axis
 */
export function aboveWords(lines, [, high]) {
  const above = lines.flatMap(({ x, y }) =>
    x.filter((_, i) => isNumber(y[i]) && Number(y[i]) > high).map((each) => each / (x.at(-1) ?? 1)),
  );
  if (!above.length) return "";
  return above.every((place) => place <= START) ? "the first steps lie above" : "single steps lie above";
}

function roundOut(low, high) {
  const room = (high - low || Math.abs(high) || 1) / TICKS;
  const power = 10 ** Math.floor(Math.log10(room));
  const step = ([1, 2, 5].find((times) => times * power >= room) ?? 10) * power;
  return [step * Math.floor(low / step), step * Math.ceil(high / step)];
}

const isNumber = (y) => y !== null && Number.isFinite(y);

// The values after this share of each line, whose end is the present.
function valuesAfter(lines, share) {
  return lines.flatMap(({ x, y }) => y.filter((each, i) => isNumber(each) && x[i] >= share * (x.at(-1) ?? 0)));
}

// not Math.min(...values): a curve may have more points than a function arguments
function spread(values) {
  if (!values.length) return null;
  return values.reduce(([low, high], y) => [Math.min(low, y), Math.max(high, y)], [Infinity, -Infinity]);
}
