// The shapes of the tensors on their way through two networks, where they no longer fit, and what PyTorch says then. No DOM;
// a test makes the same mistakes in torch and holds the message to torch's own.

/**
 * A model as ui/learn/sizes.py describes it. widths: of its networks in the order of the numbers' way, without the two sizes
 * that are chosen here; batch: its pictures in a step.
 * @typedef {{ batch: number, networks: Record<string, number[]> }} Facts
 */
/**
 * The tensor [batch, width] after a step; `layer` is what made it, null of what goes in. broken: the layer takes another
 * width. reached: whether numbers come as far as this.
 * @typedef {object} Step
 * @property {string} network
 * @property {string} name  "pixels", "hidden", "mean and log variance", "z", "noise", "picture" or "opinion"
 * @property {number} width
 * @property {{ inputs: number, outputs: number } | null} layer
 * @property {boolean} broken
 * @property {boolean} reached
 */

/**
 * All tensors of a VAE whose encoder makes `made` latent numbers and whose decoder takes `taken`, or of a GAN with `made`
 * noise numbers whose generator takes `taken`.
 * @param {"vae" | "gan"} kind
 * @param {Facts} facts
 * @param {number} made
 * @param {number} taken
 * @returns {Step[]}
 */
export function stepsOf(kind, { networks }, made, taken) {
  const first = kind === "vae" ? inputOf("encoder", "pixels", networks.encoder[0]) : inputOf("noise", "noise", made);
  const encoding = kind === "vae" ? through("encoder", [...networks.encoder, 2 * made], "mean and log variance") : [],
    drawn = kind === "vae" ? [inputOf("latent", "z", made)] : [],
    [second, third] = kind === "vae" ? ["decoder", ""] : ["generator", "discriminator"];
  const made2 = through(second, [taken, ...networks[second]], "picture");
  made2[0].broken = made !== taken;
  const judging = third ? through(third, networks[third], "opinion") : [];
  const steps = [first, ...encoding, ...drawn, ...made2, ...judging],
    end = steps.findIndex(({ broken }) => broken);
  return steps.map((step, i) => ({ ...step, reached: end < 0 || i < end }));
}

const inputOf = (network, name, width) => ({ network, name, width, layer: null, broken: false, reached: true });

/**
 * @param {string} network
 * @param {number[]} widths  from input to output
 * @param {string} last  the name of the output
 * @returns {Step[]}
 */
const through = (network, widths, last) =>
  widths.slice(1).map((width, i) => ({
    network,
    name: i === widths.length - 2 ? last : "hidden",
    width,
    layer: { inputs: widths[i], outputs: width },
    broken: false,
    reached: true,
  }));

/**
 * Weights and biases of a layer.
 * @param {{ inputs: number, outputs: number }} layer
 */
export const parametersOf = ({ inputs, outputs }) => (inputs + 1) * outputs;

/**
 * Of each network that has layers, in order.
 * @param {Step[]} steps
 * @returns {[string, number][]}
 */
export function parametersByNetwork(steps) {
  const counts = new Map();
  for (const { network, layer } of steps)
    if (layer) counts.set(network, (counts.get(network) ?? 0) + parametersOf(layer));
  return [...counts];
}

/**
 * The four numbers of PyTorch's message: rows and columns of what comes, and of the layer's weights, turned.
 * @param {Step[]} steps
 * @param {number} batch
 * @returns {number[] | null} null where all fits
 */
export function clash(steps, batch) {
  const at = steps.findIndex(({ broken }) => broken);
  if (at < 0) return null;
  const { inputs, outputs } = /** @type {{ inputs: number, outputs: number }} */ (steps[at].layer);
  return [batch, steps[at - 1].width, inputs, outputs];
}

/**
 * The message of PyTorch's RuntimeError, in the pieces that can be explained: each with the name of its explanation, or "".
 * @param {number[]} clashing  the four numbers
 * @returns {[string, string][]}
 */
export const messageParts = ([rows, columns, inputs, neurons]) => [
  ["mat1", "mat1"],
  [" and ", ""],
  ["mat2", "mat2"],
  [" shapes ", ""],
  ["cannot be multiplied", "cannot"],
  [" (", ""],
  [`${rows}`, "rows"],
  ["x", ""],
  [`${columns}`, "columns"],
  [" and ", ""],
  [`${inputs}`, "inputs"],
  ["x", ""],
  [`${neurons}`, "neurons"],
  [")", ""],
];

/** @param {number[]} clashing */
export const messageOf = (clashing) => messageParts(clashing).map(([words]) => words).join(""); // prettier-ignore
