// A legend that is a sum: the VAE's loss is reconstruction + KL, and its chart says so with the newest values.

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
  const fits = (...parts) =>
    parts.flat().reduce((sum, [, name]) => sum + name.length + BESIDE, 0) * LETTER * size <= width;
  const [whole, parts, beside] = groups.map((group) => group.map((each) => coloured(each, colours)).join(" + "));
  if (fits(...groups)) return [`${whole} = ${parts} \u2003 ${beside}`];
  return fits(...groups.slice(0, 2)) ? [`${whole} = ${parts}`, beside] : [whole, `= ${parts}`, beside];
}

const coloured = ([sign, name, value], colours) =>
  `<span style="color:${colours[name]}">${sign} ${name}${value && ` <b>${value}</b>`}</span>`;
