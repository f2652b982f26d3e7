// Pictures at a whole number of physical pixels per picture pixel, so that nothing is blurred.

import { el } from "../shared/base.js";

/**
 * @param {string} source  its address
 * @param {string} label  for those who cannot see it
 * @param {number} most  its greatest width in CSS pixels
 */
export function picture(source, label, most) {
  const image = el("img", { src: source, alt: label, class: "gc-digit" });
  image.dataset.most = most;
  image.style.width = `${most}px`; // until it is loaded, so that nothing moves then
  image.addEventListener("load", () => exact(image));
  return image;
}

/**
 * Fits a picture into its parent; called again when the window changes.
 * @param {HTMLImageElement} image
 */
export function exact(image) {
  if (!image.naturalWidth || !image.parentElement) return;
  const style = getComputedStyle(image.parentElement);
  const room = image.parentElement.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight);
  const grain = devicePixelRatio * (Math.min(Number(image.dataset.most), room || Infinity) / image.naturalWidth);
  image.style.width = `${(Math.max(1, Math.floor(grain + 0.01)) * image.naturalWidth) / devicePixelRatio}px`;
}
