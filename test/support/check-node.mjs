// SPDX-License-Identifier: Apache-2.0
// The project brings its own Node.js through the `node` package. If its install script did not run, the host's Node.js
// is used without a word, so say it here. Plain JavaScript, because an old Node.js must be able to read it.
const [major, minor] = process.versions.node.split(".").map(Number);
if (major < 22 || (major === 22 && minor < 18)) {
  process.stderr.write(
    `Talaria is developed on Node.js 22.18 or later, but this is ${process.version} (${process.execPath}).\n` +
      "The `node` package of this repository should have provided it: its install script was probably skipped.\n" +
      "Run `npm ci --ignore-scripts=false`, then use `npm run` or `npx`.\n",
  );
  process.exit(1);
}
