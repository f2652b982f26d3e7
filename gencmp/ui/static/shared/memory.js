// Small texts that a browser keeps between visits. Where it may not (site data are blocked, or the page is in a frame
// of another origin), even looking at localStorage throws: then the page alone keeps them, until it is closed.

const kept = (globalThis.gencmpKept ??= new Map()); // one for the page, also after an update has brought this file anew

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
    /* kept by the page */
  }
}
