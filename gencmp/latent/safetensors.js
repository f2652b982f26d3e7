// Reads safetensors files: the length of a JSON header (uint64), the header, then the tensors' data.
// See https://github.com/huggingface/safetensors. No DOM.

/** @typedef {{ shape: number[], numbers: Float32Array }} Tensor */

/**
 * An ArrayBuffer -> { metadata, tensors: { name: { shape, numbers } } }, all numbers as float32.
 * @param {ArrayBuffer} buffer
 * @returns {{ metadata: Record<string, string>, tensors: Record<string, Tensor> }}
 */
export function readSafetensors(buffer) {
  const length = Number(new DataView(buffer).getBigUint64(0, true));
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 8, length)));
  const { __metadata__: metadata = {}, ...entries } = header;
  /** @type {Record<string, Tensor>} */
  const tensors = {};
  for (const [
    name,
    {
      dtype,
      shape,
      data_offsets: [start, end],
    },
  ] of Object.entries(entries)) {
    if (!NUMBERS[dtype])
      throw new Error(`${name} is of type ${dtype}; only ${Object.keys(NUMBERS).join(" and ")} can be read.`);
    tensors[name] = { shape, numbers: NUMBERS[dtype](buffer, 8 + length + start, end - start) };
  }
  return { metadata, tensors };
}

const NUMBERS = {
  F32: (buffer, start, bytes) => view(Float32Array, buffer, start, bytes),
  F16: (buffer, start, bytes) => widened(view(Uint16Array, buffer, start, bytes)),
};

// Typed arrays must start at a multiple of their element size; tensors that do not are copied.
function view(Type, buffer, start, bytes) {
  const count = bytes / Type.BYTES_PER_ELEMENT;
  return start % Type.BYTES_PER_ELEMENT ? new Type(buffer.slice(start, start + bytes)) : new Type(buffer, start, count);
}

/** @type {Float32Array | null} */
let halves = null; // a table of all 65536 float16 values, for browsers without Float16Array

/**
 * The bits of float16 numbers, a Uint16Array -> their values, a Float32Array.
 * @param {Uint16Array} bits
 * @returns {Float32Array}
 */
export function widened(bits) {
  if (globalThis.Float16Array) return new Float32Array(new Float16Array(bits.buffer, bits.byteOffset, bits.length));
  halves ??= Float32Array.from({ length: 65536 }, (_, each) => halfValue(each));
  const numbers = new Float32Array(bits.length);
  for (let i = 0; i < bits.length; i++) numbers[i] = halves[bits[i]];
  return numbers;
}

function halfValue(bits) {
  const sign = bits & 0x8000 ? -1 : 1,
    exponent = (bits >> 10) & 31,
    fraction = bits & 1023;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction ? NaN : sign * Infinity;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}
