import { existsSync } from "node:fs";
import { resolve } from "node:path";

import js from "@eslint/js";
import { importX } from "eslint-plugin-import-x";
import globals from "globals";

// Scripts are served from more than one folder (gencmp/ui/routes/assets.py): what is not in ui/static is in gencmp.
const served = {
  interfaceVersion: 3,
  name: "served",
  resolve(name, file) {
    const inFolder = resolve(file, "..", name);
    const found = [inFolder, inFolder.replace("/ui/static/", "/")].find((path) => existsSync(path));
    return found ? { found: true, path: found } : { found: false };
  },
};

export default [
  { ignores: ["node_modules/", "runs/"] },
  js.configs.recommended,
  {
    languageOptions: { globals: globals.browser },
    plugins: { "import-x": importX },
    settings: { "import-x/resolver-next": [served] },
    rules: {
      "import-x/named": "error",
      "import-x/no-cycle": "error",
      "import-x/no-unresolved": "error",
      eqeqeq: "error",
      "no-shadow": "error",
      "no-unused-vars": ["error", { ignoreRestSiblings: true }],
      "no-var": "error",
      "prefer-const": ["error", { destructuring: "all" }],
    },
  },
  { files: ["gencmp/ui/static/shared/worker.js"], languageOptions: { globals: globals.worker } },
  {
    files: ["eslint.config.js"],
    languageOptions: { globals: globals.node },
    settings: { "import-x/resolver-next": [] },
    rules: { "import-x/no-unresolved": "off", "import-x/named": "off" },
  },
];
