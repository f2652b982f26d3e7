// How a column is named in the address: a model's id, alone or with an epoch ("paper-gan@50"), or the real pictures.

export const REAL = "real";

/**
 * A column's name in parts; without an epoch the newest one is meant.
 * @param {string} address
 * @returns {{ name: string, epoch: number | null }}
 */
export function split(address) {
  const [, name, epoch] = /** @type {RegExpMatchArray} */ (address.match(/^(.*?)(?:@(\d+))?$/));
  return { name, epoch: epoch ? Number(epoch) : null };
}
