// Small texts stored in the browser between visits. If storage is blocked (by a setting, or in a frame of another
// origin), even accessing localStorage throws; the texts are then kept in memory until the page is closed.

const kept = (globalThis.gencmpKept ??= new Map()); // shared by the whole page, even if a newer version of this file is loaded

/**
 * @param {string} name
 * @returns {string | null}
 */
export function recall(name) {
  if (kept.has(name)) return kept.get(name);
  try {
    return localStorage.getItem(name);
  } catch {
    return null;
  }
}

/**
 * @param {string} name
 * @param {string} text
 */
export function remember(name, text) {
  kept.set(name, text);
  try {
    localStorage.setItem(name, text);
  } catch {
    /* in memory only */
  }
}
