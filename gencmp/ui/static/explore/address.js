// The state of the page <-> the address, so that an address restores the exact view. No DOM.

export const AMPLITUDES = 10;

export const DEFAULTS = {
  vae: "",
  gan: "",
  epoch: 0,
  x: [0, 0],
  g: [0, 0],
  link: false,
  seed: 7,
  lock: false,
  to: 8,
  t: 0,
  amps: new Array(AMPLITUDES).fill(0),
  dirs: "principal",
  dseed: 1,
  drop: false,
  mask: 1,
  vdirs: "axes",
  vseed: 1,
  centre: "origin",
  spacing: "even",
  layers: ["mosaic", "rings", "slice"],
  tab: "slice",
  wall: 0,
  order: false,
  pins: [],
  gpins: [],
  loop: true,
  digit: -1,
  drawn: "",
  draw: 0,
  speed: 1,
};

// The valid values of each part of the state; anything else in an address is ignored.
const number = (low, high) => ({ from: (text) => within(Number(text), low, high), to: String });
const whole = (low, high) => ({
  from: (text) => (/^-?\d+$/.test(text) ? within(Number(text), low, high) : undefined),
  to: String,
});
const one = (...words) => ({ from: (text) => (words.includes(text) ? text : undefined), to: String });
const flag = { from: (text) => ({ 1: true, 0: false })[text], to: (value) => (value ? "1" : "0") };
const list = (each, low, high) => ({
  from: (text) => {
    const values = text === "" ? [] : text.split("~").map(each.from);
    return values.length >= low && values.length <= high && !values.includes(undefined) ? values : undefined;
  },
  to: (values) => values.map(each.to).join("~"),
});
const coordinate = number(-20, 20);
const pair = list(coordinate, 2, 2);
const pairs = {
  from: (text) => {
    const flat = list(coordinate, 0, 200).from(text);
    return flat && flat.length % 2 === 0
      ? Array.from({ length: flat.length / 2 }, (_, i) => flat.slice(2 * i, 2 * i + 2))
      : undefined;
  },
  to: (values) => values.flat().join("~"),
};
const name = { from: (text) => text.slice(0, 100), to: String };
const SEED = whole(0, 2 ** 32 - 1);

const PARTS = {
  vae: name,
  gan: name,
  epoch: whole(1, 1e6),
  x: pair,
  g: pair,
  link: flag,
  seed: SEED,
  lock: flag,
  to: SEED,
  t: number(0, 1),
  amps: list(number(-10, 10), AMPLITUDES, AMPLITUDES),
  dirs: one("principal", "random"),
  dseed: SEED,
  drop: flag,
  mask: SEED,
  vdirs: one("axes", "principal", "random"),
  vseed: SEED,
  centre: one("origin", "digit"),
  spacing: one("even", "quantile"),
  layers: list(one("mosaic", "rings", "points", "density", "ambiguity", "slice", "opinion"), 0, 7),
  tab: one("slice", "wall", "steer"),
  wall: SEED,
  order: flag,
  pins: pairs,
  gpins: pairs,
  loop: flag,
  digit: whole(-1, 1e7),
  drawn: { from: (text) => (/^[\w-]{0,800}$/.test(text) ? text : undefined), to: String },
  draw: SEED,
  speed: number(0.25, 8),
};
const ALWAYS = ["vae", "gan", "epoch", "x", "g", "seed"];

function within(value, low, high) {
  return value >= low && value <= high ? value : undefined;
}

/**
 * The query of an address; what is as by default is left out.
 * @param {Record<string, any>} state
 * @returns {string}
 */
export function toSearch(state) {
  const pieces = Object.entries(PARTS)
    .filter(([key]) => ALWAYS.includes(key) || JSON.stringify(state[key]) !== JSON.stringify(DEFAULTS[key]))
    .filter(([key]) => state[key] !== "")
    .map(([key, part]) => `${key}=${encodeURIComponent(part.to(state[key]))}`);
  return `?${pieces.join("&")}`;
}

/**
 * @param {string} search  the query of an address
 * @returns {Record<string, any>} the state; what is missing or wrong is as by default
 */
export function fromSearch(search) {
  const state = structuredClone(DEFAULTS);
  for (const [key, text] of new URLSearchParams(search)) {
    const value = Object.hasOwn(PARTS, key) ? PARTS[key].from(text) : undefined;
    if (value !== undefined) state[key] = value;
  }
  return state;
}

/**
 * The parts of an address that say nothing valid, as "seed=abc"; parts of other pages' addresses are not looked at.
 * @param {string} search
 * @returns {string[]}
 */
export function wrongParts(search) {
  return [...new URLSearchParams(search)]
    .filter(([key, text]) => Object.hasOwn(PARTS, key) && PARTS[key].from(text) === undefined)
    .map(([key, text]) => `${key}=${text.slice(0, 40)}`);
}

// A drawn digit, 784 numbers of 0 to 15 <-> text for an address; runs of zeros are stored as counts.
const LETTERS = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_";
/**
 * @param {ArrayLike<number>} levels
 * @returns {string}
 */
export function packDrawing(levels) {
  let text = "";
  for (let i = 0; i < levels.length;) {
    let run = 0;
    while (levels[i + run] === 0 && run < 48) run++;
    text += run ? LETTERS[15 + run] : LETTERS[levels[i]];
    i += run || 1;
  }
  return text;
}
/**
 * @param {string} text
 * @param {number} count  of the levels
 */
export function unpackDrawing(text, count) {
  const levels = new Uint8Array(count);
  let i = 0;
  for (const letter of text) {
    const value = LETTERS.indexOf(letter);
    if (value > 15) i += value - 15;
    else levels[i++] = value;
  }
  return levels;
}
