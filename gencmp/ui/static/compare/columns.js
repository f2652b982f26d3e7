// Column names in the address: a model's id, with or without an epoch ("paper-gan@50"), or "real".

export const REAL = "real";

/**
 * Splits a column's name; the epoch is null for the newest one.
 * @param {string} address
 * @returns {{ name: string, epoch: number | null }}
 */
export function split(address) {
  const [, name, epoch] = /** @type {RegExpMatchArray} */ (address.match(/^(.*?)(?:@(\d+))?$/));
  return { name, epoch: epoch ? Number(epoch) : null };
}
