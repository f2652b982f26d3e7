// Legends with the newest values. One is a sum: the VAE's loss is reconstruction + KL, and its chart says so.

const LETTER = 0.54; // width on average, in sizes of type
const BESIDE = 11; // letters beside a name: its sign, its value and what separates them

/**
 * The legend's parts with their values, so rounded that they add up by eye; values are left out until there are any.
 * @param {{ whole: string, part: string, rest: string, beside: string }} names
 * @param {Record<string, number>} values  by name
 * @returns {[string, string, string][][]} groups of [sign, name, value]
 */
export function sumParts({ whole, part, rest, beside }, values) {
  const round = (name) => Math.round(10 * values[name]) / 10;
  const left = round(whole) - round(part);
  const said = (value) => (Number.isFinite(value) ? value.toFixed(1) : "");
  return [
    [["━", whole, said(round(whole))]],
    [
      ["━", part, said(round(part))],
      ["■", rest, said(left)],
    ],
    [["◆", beside, said(round(beside))]],
  ];
}

/**
 * The legend in Plotly's own HTML, in as many lines as the width needs.
 * @param {[string, string, string][][]} groups  as of sumParts
 * @param {Record<string, string>} colours  by name
 * @param {number} width  in px
 * @param {number} size  of type, in px
 */
export function sumLines(groups, colours, width, size) {
  const fit = (...parts) =>
    fits(
      parts.flat().map(([, name]) => name),
      width,
      size,
    );
  const [whole, parts, beside] = groups.map((group) => group.map((each) => coloured(each, colours)).join(" + "));
  if (fit(...groups)) return [`${whole} = ${parts} \u2003 ${beside}`];
  return fit(...groups.slice(0, 2)) ? [`${whole} = ${parts}`, beside] : [whole, `= ${parts}`, beside];
}

/**
 * A legend of curves side by side, or one below the other where they do not fit.
 * @param {string[]} names
 * @param {Record<string, number>} values  by name
 * @param {Record<string, string>} colours  by name
 * @param {number} width  in px
 * @param {number} size  of type, in px
 */
export function curveLines(names, values, colours, width, size) {
  const said = (value) => (Number.isFinite(value) ? value.toFixed(2) : "");
  const shown = names.map((name) => coloured(["━", name, said(values[name])], colours));
  return fits(names, width, size) ? [shown.join(" \u2003 ")] : shown;
}

const fits = (names, width, size) =>
  names.reduce((sum, name) => sum + name.length + BESIDE, 0) * LETTER * size <= width;

const coloured = ([sign, name, value], colours) =>
  `<span style="color:${colours[name]}">${sign} ${name}${value && ` <b>${value}</b>`}</span>`;
