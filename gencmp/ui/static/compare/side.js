// The download rail, and the table of settings that differ.

import { el, fetchJson } from "../shared/base.js";

const UNUSUAL = /[\u0250-\uffff]/; // characters that some fonts lack

const FORMS = [
  ["png", "PNG", "For a screen"],
  ["print.png", "PNG print", "For print, 300 dpi"],
  ["svg", "SVG", "Lines and text stay editable"],
  ["pdf", "PDF", "For print, vector graphics"],
  ["html", "HTML", "One file that works offline, with the models inside to explore"],
  ["csv", "Curves CSV", "Every epoch's measures"],
  ["json", "JSON", "Curves, figures, settings and the judge's classifications"],
];

const PICTURES = ["png", "print.png", "svg", "pdf"]; // files that can be a slide, or dark

export class Downloads {
  constructor(app) {
    this.app = app;
    this.checks = {
      wide: this.#check("16:9 slide", "PNG, SVG and PDF as a slide with large words"),
      dark: this.#check("dark", "PNG, SVG and PDF light on dark"),
    };
    this.links = FORMS.map(([form, words, title]) => {
      const link = el("a", { class: "gm-file", title, download: "" }, words);
      link.dataset.form = form;
      return link;
    });
    this.title = this.#field("Title", "title", "GAN and VAE, side by side");
    this.caption = this.#field("Caption", "caption", "what is shown");
    this.note = el("p", { class: "gm-said" });
    this.lacking = el("p", { class: "gm-said", role: "status" });
    this.root = el(
      "aside",
      { class: "gm-rail", "aria-label": "Download" },
      el("h2", {}, "Download a panel"),
      this.title,
      this.caption,
      el("div", { class: "gm-looks" }, ...Object.values(this.checks)),
      el("div", { class: "gm-files" }, ...this.links),
      this.note,
      this.lacking,
    );
  }

  #field(label, name, placeholder) {
    const input = el("input", { type: "text", maxLength: 400, placeholder, value: this.app.state[name] });
    input.addEventListener("input", () => this.app.change({ [name]: input.value }));
    return el("label", {}, label, input);
  }

  #check(words, title) {
    const box = el("input", { type: "checkbox" });
    box.addEventListener("change", () => this.show());
    return el("label", { title }, box, words);
  }

  show(words) {
    const { data } = this.app,
      query = this.app.query(this.app.pinned());
    const look = Object.entries(this.checks)
      .filter(([, label]) => label.firstChild.checked)
      .map(([name]) => `&${name}=1`)
      .join("");
    for (const link of this.links) {
      const { form } = link.dataset;
      link.href = `${data.api}/compare/panel.${form}?${query}${PICTURES.includes(form) ? look : ""}`;
    }
    if (words !== undefined)
      this.note.textContent =
        words || "Every panel states its provenance: models, preset, seed, epoch, figures, version.";
    this.#letters();
  }

  // PNG and PDF are drawn with the server's fonts, so these must have all characters.
  #letters() {
    const words = this.title.lastChild.value + this.caption.lastChild.value;
    if (words === this.asked) return;
    this.asked = words;
    clearTimeout(this.asking);
    if (!UNUSUAL.test(words)) return void (this.lacking.textContent = "");
    this.asking = setTimeout(async () => {
      const { words: advice } = await fetchJson(
        `${this.app.data.api}/compare/letters?words=${encodeURIComponent(words)}`,
      ).catch(() => ({}));
      this.lacking.textContent = advice ?? "";
    }, 300);
  }
}

export class Differences {
  constructor() {
    this.root = el("section", { class: "gm-more" });
  }

  show({ differences, columns }) {
    const models = columns.filter(({ kind }) => kind !== "real");
    const shared = differences.filter(({ values }) => !values.includes("–")),
      own = differences.filter(({ values }) => values.includes("–"));
    this.root.hidden = models.length < 2;
    const words = differences.length ? [] : [el("p", { class: "gm-said" }, "All settings are the same.")];
    const more = own.length
      ? el(
          "details",
          {},
          el("summary", {}, `${own.length} settings that only one of the models has`),
          table(own, models),
        )
      : null;
    const open = this.root.querySelector("details")?.open ?? false;
    this.root.replaceChildren(
      el("h2", {}, "Settings that differ"),
      ...words,
      ...(shared.length ? [table(shared, models)] : []),
      ...(more ? [more] : []),
    );
    if (more) more.open = open;
  }
}

function table(rows, models) {
  const head = el(
    "tr",
    {},
    el("th", { scope: "col" }, "Setting"),
    ...models.map(({ kind, title, epoch }) =>
      el("th", { scope: "col", class: `gc-${kind}` }, `${title}, epoch ${epoch}`),
    ),
  );
  const body = rows.map(({ label, unit, values }) =>
    el(
      "tr",
      {},
      el("th", { scope: "row" }, label),
      ...values.map((value) => el("td", {}, value, unit && value !== "–" ? el("small", {}, ` ${unit}`) : null)),
    ),
  );
  return el(
    "div",
    { class: "gm-scroll", tabIndex: 0, role: "region", "aria-label": "Settings, scrolls sideways" },
    el("table", {}, el("thead", {}, head), el("tbody", {}, ...body)),
  );
}
