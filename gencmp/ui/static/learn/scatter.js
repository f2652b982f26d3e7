// Where the middle of the ink lies in many digits, as clouds of points beside each other.

import { el, ground } from "../shared/base.js";
import { say } from "../shared/terms.js";
import { Classes } from "../shared/classes.js";

const SIZE = 200;

// Entry point of the component; Streamlit calls it again when the data or the theme changes.
export function mount({ parentElement, data }) {
  parentElement.gcScatter?.remove();
  const figures = data.clouds.map((cloud) => drawn(cloud, data.reach));
  const root = el("section", { class: "gc gc-scatter", "aria-label": "Centres of mass" }, ...figures);
  parentElement.gcScatter = root;
  parentElement.append(root);
  ground(root);
  return () => {
    root.remove();
    if (parentElement.gcScatter === root) delete parentElement.gcScatter;
  };
}

function drawn({ kind, label, points, mean, words }, reach) {
  const at = (value) => ((SIZE * (value + reach)) / (2 * reach)).toFixed(1);
  const inside = points.filter(([x, y]) => Math.max(Math.abs(x), Math.abs(y)) < reach);
  const dots = inside.map(([x, y]) => `<circle cx="${at(x)}" cy="${at(y)}" r="1.7"/>`).join("");
  const place = el("div", {
    role: "img",
    "aria-label": `${label}: ${inside.length} centres of mass around the middle`,
  });
  place.innerHTML = `<svg viewBox="0 0 ${SIZE} ${SIZE}"><path d="M${SIZE / 2} 0V${SIZE}M0 ${SIZE / 2}H${SIZE}"/>${dots}<path class="gc-mean" d="M${at(mean[0])} ${at(mean[1])}m-7 0h14m-7 -7v14"/></svg>`;
  const outside = points.length - inside.length;
  const said = el("figcaption");
  say(said, words, new Classes().nouns);
  const scale = `${reach} pixels to each side of the picture's middle; the cross is the mean${outside ? `; ${outside} lie outside` : ""}.`;
  return el("figure", { class: `gc-${kind}` }, el("strong", {}, label), place, said, el("small", {}, scale));
}
