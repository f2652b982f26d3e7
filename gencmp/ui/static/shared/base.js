// Shared by all components: colours, elements, number formats, and pictures that do not flicker.

export const COLOURS = {
  gan: "#D55E00",
  vae: "#0072B2",
  real: "#7A7A7A",
  gan2: "#8C3F00",
  vae2: "#56A5DB", // second shades: generator next to discriminator, KL next to reconstruction
};
// Words in these colours on a light background; orange and grey as they are would be too pale to read.
const WORD_COLOURS = { ...COLOURS, gan: "#B04C00", vae2: "#2F7CB0", real: "#6B6B6B" };
const DARK_COLOURS = { gan: "#F07B2A", gan2: "#FFC08A", vae: "#4BA3DB", vae2: "#A9D6F2", real: "#A8A8A8" };
export const DIGIT_COLOURS = [
  "#4477AA",
  "#EE6677",
  "#228833",
  "#CCBB44",
  "#66CCEE",
  "#AA3377",
  "#B58A5A",
  "#7F7F7F",
  "#DD7711",
  "#5544AA",
];

/**
 * el("div", {class: "x", onclick: f}, "text", child): an element. Strings become text nodes, never HTML.
 * @param {string} tag
 * @param {Record<string, any>} [attributes]
 * @param {any[]} children  elements and texts; null and undefined are left out
 * @returns {any} the element of this tag
 */
export function el(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (name in node && name !== "list" && typeof value !== "string") node[name] = value;
    else node.setAttribute(name, value);
  }
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

/**
 * The current colours of Streamlit's theme at this element.
 * @param {Element} element
 */
export function themeOf(element) {
  const style = getComputedStyle(element);
  const read = (name, fallback) => style.getPropertyValue(name).trim() || fallback;
  const background = read("--st-background-color", "#FBFAF7");
  return {
    text: read("--st-text-color", "#262522"),
    background,
    border: read("--st-border-color", "#DDD9D1"),
    soft: read("--st-secondary-background-color", "#F3F1EC"),
    font: read("--st-font", "Source Sans, sans-serif"),
    dark: luminance(background) < 0.5,
  };
}

function luminance(colour) {
  const hex = colour.match(/^#(..)(..)(..)/);
  const [r, g, b] = hex
    ? hex.slice(1).map((x) => parseInt(x, 16))
    : (colour.match(/\d+/g) ?? [255, 255, 255]).map(Number);
  return (0.299 * r + 0.587 * g + 0.114 * b) / 255;
}

/**
 * Lets the style sheet know whether the background is light or dark.
 * @param {HTMLElement} root
 */
export function ground(root) {
  root.dataset.ground = themeOf(root).dark ? "dark" : "light";
}

/**
 * A colour that lets others shine through.
 * @param {string} hex  #rrggbb
 * @param {number} alpha  0 to 1
 */
export function withAlpha(hex, alpha) {
  const [r, g, b] = [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16));
  return `rgba(${r},${g},${b},${alpha})`;
}

/**
 * The second shade must have enough contrast in the dark theme, too.
 * @param {string} name  a key of COLOURS
 * @param {boolean} dark
 * @returns {string}
 */
export function tone(name, dark) {
  return (dark ? DARK_COLOURS : COLOURS)[name];
}

/**
 * The colour of words about it, which need more contrast than a line.
 * @param {string} name  a key of COLOURS
 * @param {boolean} dark
 * @returns {string}
 */
export function wordTone(name, dark) {
  return (dark ? DARK_COLOURS : WORD_COLOURS)[name];
}

const TRIES = 3; // of a request that the server has no time for
const LONGEST = 15; // seconds to wait for the next try

/**
 * What the server answers. Asked for too much at once, it says after how many seconds to ask again; then that is done.
 * @param {string} url
 * @returns {Promise<Response>}
 */
export async function patiently(url) {
  for (let left = TRIES - 1; ; left -= 1) {
    const answer = await fetch(url);
    const seconds = Number(answer.headers.get("Retry-After"));
    if (answer.status !== 429 || !left || !(seconds <= LONGEST)) return answer;
    await new Promise((go) => setTimeout(go, 1000 * seconds * (1 + Math.random() / 2))); // not all phones at once
  }
}

/**
 * The answer's content. Throws an Error in the server's words.
 * @param {string} url
 * @returns {Promise<any>}
 */
export async function fetchJson(url) {
  const answer = await patiently(url);
  const content = await answer.json();
  if (!answer.ok) throw new Error(content.error ?? answer.statusText);
  return content;
}

/**
 * 12345 -> "12,345"
 * @param {number} x
 */
export const thousands = (x) => Math.round(x).toLocaleString("en-US");

/**
 * 75 -> "1:15", 4000 -> "1:06:40"
 * @param {number} seconds
 */
export function clock(seconds) {
  const s = Math.max(0, Math.round(seconds));
  const parts = s >= 3600 ? [Math.floor(s / 3600), Math.floor(s / 60) % 60, s % 60] : [Math.floor(s / 60), s % 60];
  return parts.map((part, i) => (i ? String(part).padStart(2, "0") : part)).join(":");
}

/** Whether the user asked their system for less motion. */
export const calm = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

/**
 * Loads Plotly once per page; all callers share one script element.
 * @param {string} base  address of the scripts
 * @returns {Promise<any>}
 */
export function loadPlotly(base) {
  globalThis.gencmpPlotly ??= new Promise((resolve, reject) => {
    const script = el("script", { src: `${base}/plotly/plotly.min.js`, onload: () => resolve(globalThis.Plotly) });
    script.addEventListener("error", () =>
      reject(new Error("The chart library could not be loaded. Reload the page.")),
    );
    document.head.append(script);
  });
  return globalThis.gencmpPlotly;
}

/**
 * The 2D context of a canvas, which is never null in supported browsers.
 * @param {HTMLCanvasElement | OffscreenCanvas} canvas
 * @param {CanvasRenderingContext2DSettings} [options]
 * @returns {any} CanvasRenderingContext2D, on the page or off it
 */
export const contextOf = (canvas, options = {}) => canvas.getContext("2d", options);

const kept = new Map();
/**
 * A decoded picture, fetched once; the last hundred are cached.
 * @param {string} url
 * @returns {Promise<ImageBitmap>}
 */
export function loadPicture(url) {
  if (!kept.has(url)) {
    kept.set(
      url,
      patiently(url).then(async (answer) => {
        if (!answer.ok) throw new Error("no picture");
        return createImageBitmap(await answer.blob());
      }),
    );
    kept.get(url).catch(() => kept.delete(url));
    if (kept.size > 100) kept.delete(kept.keys().next().value);
  }
  return kept.get(url);
}

// A sheet of pictures on a canvas, pixel-exact: a picture pixel is a whole number of screen pixels. If a sheet has fewer
// pictures than expected, they keep their size and the rest stays empty. A new sheet fades in over the old one. Digits are
// white on black in the data and are drawn dark on light.
export class Sheet {
  /**
   * @param {number} columns
   * @param {number} rows
   * @param {string} label  for those who cannot see it
   */
  constructor(columns, rows, label) {
    this.size = [columns * 28, rows * 28];
    this.columns = columns;
    this.canvas = el("canvas", { class: "gc-sheet", role: "img", "aria-label": label });
    [this.canvas.width, this.canvas.height] = this.size;
    this.canvas.style.aspectRatio = `${columns} / ${rows}`;
    this.url = null;
    this.frame = 0; // animation frame of the fade
  }

  async show(url) {
    if (url === this.url) return;
    this.url = url;
    const picture = await loadPicture(url).catch(() => null);
    if (!picture || url !== this.url) return; // superseded by a newer request
    const context = this.canvas.getContext("2d");
    if (this.canvas.width !== picture.width) this.#fit(picture);
    if (calm() || !this.canvas.dataset.shown) context.drawImage(picture, 0, 0);
    else this.#fade(context, picture);
    this.canvas.dataset.shown = url;
  }

  #fit({ width, height }) {
    [this.canvas.width, this.canvas.height] = [width, height];
    this.canvas.style.aspectRatio = `${width} / ${height}`;
    const share = Math.min(1, width / (28 * this.columns)),
      frame = this.canvas.closest(".gc-frame");
    if (frame) frame.style.width = share < 1 ? `${100 * share}%` : "";
  }

  #fade(context, picture) {
    cancelAnimationFrame(this.frame);
    const started = performance.now();
    const draw = (now) => {
      const done = Math.min(1, (now - started) / 180);
      context.globalAlpha = done < 1 ? 0.35 : 1; // repeated translucent drawing accumulates
      context.drawImage(picture, 0, 0);
      context.globalAlpha = 1;
      if (done < 1) this.frame = requestAnimationFrame(draw);
    };
    this.frame = requestAnimationFrame(draw);
  }
}
